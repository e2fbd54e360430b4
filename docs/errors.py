"""Faults of the documentation, each with its remedy."""


class DocumentationError(ValueError):
    """A page that cannot be generated; the message says what to change."""
