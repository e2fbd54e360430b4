"""Errors of builds and tasks."""


class BuildError(Exception):
    """An image cannot be built from its context; the message is what the build's log says."""


class TaskStartError(Exception):
    """A task cannot start. `code` begins the reason that AWS shows, as CannotPullContainerError does."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
