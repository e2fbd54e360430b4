"""moto's backends are plain dictionaries and lists: who works on them outside of a call waits for its turn."""

from threading import RLock

TURN = RLock()
"""Held by the call that is being answered."""
