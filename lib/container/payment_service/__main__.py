"""Serves until a signal ends it."""

from .application import main

main()
