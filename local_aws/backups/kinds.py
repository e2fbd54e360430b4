"""How each type of resource is backed up and restored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local_aws.registry import Output


class BackupError(Exception):
    """Why a job fails; its message is the job's."""


@dataclass(frozen=True)
class Site:
    """Where a job works, and as whom."""

    account: str
    region: str
    role: str


@dataclass(frozen=True)
class Kind:
    """One type of resource. All but `metadata` and `inferred` may take a while, and raise BackupError."""

    keep: Callable[[Site, str, str], Any]
    """Keeps a resource (by ARN) under a recovery point's ARN; what the point holds, None if another service has it."""

    metadata: Callable[[Site, str], dict[str, str]]
    """What a resource is like when it is backed up, in the form in which restores are told."""

    restore: Callable[[Site, Output, Any, Mapping[str, str], dict[str, str]], str]
    """Makes a new resource from a recovery point with its content, by metadata, with tags; the new one's ARN."""

    name_key: str
    """The metadata's key of the name of what is to be made."""

    size: Callable[[Any], int]
    """How many bytes a recovery point says that it holds, by its content."""

    forget: Callable[[Site, str], None]
    """Removes what another service has of a recovery point."""

    remove: Callable[[Site, str], None]
    """Removes a restored resource (by ARN)."""

    inferred: Callable[[Site, Output], dict[str, str]]
    """Metadata with which a test of restores makes a resource."""


def without_case(metadata: Mapping[str, str]) -> dict[str, str]:
    """Metadata with keys in lower case: they are not case sensitive.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html
    """
    return {key.lower(): value for key, value in metadata.items()}
