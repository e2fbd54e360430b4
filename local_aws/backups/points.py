"""What AWS Backup holds in one Region: recovery points with their content, and the jobs of the past."""

from typing import Any

from local_aws.registry import Output


class History:
    """Jobs by id: not what a user made, and so not what is left over."""

    def __init__(self) -> None:
        self.backups: dict[str, Output] = {}
        self.restores: dict[str, Output] = {}


def history(backend: Any) -> History:
    """The jobs of a Region. They live with moto's backend."""
    held: History = vars(backend).setdefault("jobs", History())
    return held


def recovery_points(vault: Any) -> dict[str, Output]:
    """The recovery points of a vault, by ARN. They live with moto's vault."""
    found: dict[str, Output] = vars(vault).setdefault("recovery_points", {})
    return found


def contents(vault: Any) -> dict[str, Any]:
    """What the recovery points of a vault hold, by ARN, where that is not kept by another service."""
    found: dict[str, Any] = vars(vault).setdefault("contents", {})
    return found


def vault_of(backend: Any, point_arn: str) -> Any:
    """The vault that has a recovery point; None if there is none."""
    return next((vault for vault in list(backend.vaults.values()) if point_arn in recovery_points(vault)), None)
