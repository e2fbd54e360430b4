"""Real databases behind the endpoints of the local AWS: MariaDB in the place of Aurora MySQL, PostgreSQL in
that of Aurora PostgreSQL."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_aws.databases.service import DatabaseService

_service: "DatabaseService | None" = None


def install(directory: Path) -> None:
    """Prepares the databases of this process, with `directory` for their files: its authority is there at once."""
    global _service
    from local_aws.databases.service import DatabaseService

    _service = DatabaseService(directory)


def running() -> "DatabaseService":
    """The databases. Needs `install` first."""
    if _service is None:
        raise RuntimeError("There are no databases yet: call local_aws.databases.install() first.")
    return _service


def stop() -> None:
    """Ends all databases and removes their data; they can be made again after that."""
    if _service:
        _service.stop()


def variables() -> dict[str, str]:
    """Environment variables that let a process trust the databases; none before `install`."""
    return {"SSL_CERT_FILE": str(_service.authority.ca_file)} if _service else {}
