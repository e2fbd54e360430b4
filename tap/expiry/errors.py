"""What can go wrong when an environment's time is read or set."""

from __future__ import annotations


class ClockError(RuntimeError):
    """AWS did not say what time it is."""


class LifetimeError(ValueError):
    """A duration or a time that cannot be used; the message names it and the remedy."""


class NoExpiryError(RuntimeError):
    """The environment never expires, and nobody asked to change that."""


class ExtensionError(RuntimeError):
    """The time was not set everywhere; the message names what is missing and how to go on."""
