"""What Terraform reports while it runs, as typed events.

Format: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Phase = Literal["start", "progress", "complete", "errored"]

_OPERATION_KINDS = ("apply", "refresh", "ephemeral_op")
_PHASES: tuple[Phase, ...] = get_args(Phase)


@dataclass(frozen=True, slots=True)
class Log:
    """A line for people; `level` is Terraform's (info, warn, error)."""

    message: str
    level: str = "info"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error or a warning, with the resource it is about where there is one."""

    severity: str
    summary: str
    detail: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What a plan wants to do to one resource: create, update, delete, replace, read, ..."""

    address: str
    resource_type: str
    action: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ChangeSummary:
    """Numbers of resources to change (operation `plan`) or changed (`apply`, `destroy`)."""

    operation: str
    add: int = 0
    change: int = 0
    remove: int = 0

    @property
    def total(self) -> int:
        """Single operations; a replaced resource counts twice, once removed and once added."""
        return self.add + self.change + self.remove


@dataclass(frozen=True, slots=True)
class Operation:
    """Terraform is at work on one resource. `kind`: apply, refresh, ephemeral_op; `elapsed`: seconds."""

    kind: str
    phase: Phase
    address: str
    action: str = "read"
    elapsed: float = 0.0


Event = Log | Diagnostic | PlannedChange | ChangeSummary | Operation


def parse_event(line: str) -> Event:
    """The event that a line of Terraform's output holds; what is not known becomes a `Log`."""
    try:
        record = json.loads(line)
    except ValueError:
        return Log(line.rstrip())
    if not isinstance(record, dict):
        return Log(line.rstrip())
    kind = str(record.get("type", ""))
    if kind == "diagnostic":
        return parse_diagnostic(record.get("diagnostic") or {})
    if kind == "planned_change":
        return _planned_change(record.get("change") or {})
    if kind == "change_summary":
        counts = record.get("changes") or {}
        return ChangeSummary(
            str(counts.get("operation", "")), *(int(counts.get(name, 0)) for name in ("add", "change", "remove"))
        )
    operation, _, suffix = kind.rpartition("_")
    for phase in _PHASES:
        if operation in _OPERATION_KINDS and phase == suffix:
            return _operation(operation, phase, record.get("hook") or {})
    return Log(str(record.get("@message", "")), str(record.get("@level", "info")))


def parse_diagnostic(record: Mapping[str, Any]) -> Diagnostic:
    """A diagnostic as it stands in Terraform's JSON."""
    return Diagnostic(*(str(record.get(name) or "") for name in ("severity", "summary", "detail", "address")))


def _planned_change(record: Mapping[str, Any]) -> PlannedChange:
    resource = record.get("resource") or {}
    return PlannedChange(
        address=str(resource.get("addr", "")),
        resource_type=str(resource.get("resource_type", "")),
        action=str(record.get("action", "")),
        reason=str(record.get("reason", "")),
    )


def _operation(kind: str, phase: Phase, record: Mapping[str, Any]) -> Operation:
    resource = record.get("resource") or {}
    return Operation(
        kind=kind,
        phase=phase,
        address=str(resource.get("addr", "")),
        action=str(record.get("action", "read")),
        elapsed=float(record.get("elapsed_seconds", 0)),
    )
