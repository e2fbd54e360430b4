"""What Terraform is made to try again, and what ends its part of a removal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tap.removal.refused_first import why_it_passes
from tap.removal.terraform_removal import RUNS, TerraformRemoval
from tap.terraform import Plan
from tap.terraform_errors import (
    LockInfo,
    StalePlanError,
    StateLockedError,
    TerraformError,
    TerraformInterruptedError,
)
from tap.terraform_events import ChangeSummary, Diagnostic
from tests.unit.tap_removal_destroy.doubles import SUFFIX, StubAccount, StubStates

PASSING = TerraformError("apply", [Diagnostic("error", "deleting Subnet", "api error DependencyViolation: in use")])
LASTING = TerraformError("apply", [Diagnostic("error", "deleting Role", "AccessDenied: no")])


class Removal(TerraformRemoval):
    """Whose plans are numbered, and whose applies end as they are told to."""

    def __init__(self, *outcomes: TerraformError | None) -> None:
        super().__init__(StubAccount(), StubStates(), SUFFIX, Path())
        self.first_pause = 0.0
        self.outcomes = list(outcomes)
        self.planned = 0
        self.applied: list[str] = []

    def plan(self, _on_event: Any = None) -> Plan | None:
        self.planned += 1
        return plan(f"new {self.planned}")

    def _apply(self, plan: Plan, _on_event: Any) -> None:
        self.applied.append(plan.file.name)
        if outcome := self.outcomes.pop(0):
            raise outcome


def plan(name: str) -> Plan:
    return Plan(Path(name), False, (), ChangeSummary("plan"))


def test_exactly_the_plan_that_was_shown_is_applied() -> None:
    removal = Removal(None)
    assert removal.remove(plan("shown")) is None
    assert (removal.applied, removal.planned) == (["shown"], 0)


def test_what_aws_refuses_first_is_planned_anew_and_tried_again() -> None:
    removal, notes = Removal(PASSING, None), list[str]()
    assert removal.remove(plan("shown"), None, notes.append) is None
    assert removal.applied == ["shown", "new 1"]
    assert notes == ["Terraform runs again: something in the VPC is still being released"]


def test_it_gives_up_in_the_end_and_says_why() -> None:
    removal = Removal(*[PASSING] * RUNS)
    assert removal.remove(plan("shown")) is PASSING
    assert len(removal.applied) == RUNS == 3


def test_what_stays_refused_is_tried_once() -> None:
    removal = Removal(LASTING)
    assert removal.remove(plan("shown")) is LASTING
    assert removal.applied == ["shown"]


@pytest.mark.parametrize(
    "error",
    [
        StateLockedError("apply", [], LockInfo("1", "p", "apply", "kim", "today")),
        StalePlanError("apply", []),
        TerraformInterruptedError("apply", [], 2, killed=False),
        TerraformError("init", [Diagnostic("error", "no such bucket", "AccessDenied")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_says_that_it_must_not_go_on_is_raised(error: TerraformError) -> None:
    removal = Removal(error)
    with pytest.raises(type(error)) as raised:
        removal.remove(plan("shown"))
    assert raised.value is error
    assert removal.applied == ["shown"]


@pytest.mark.parametrize(
    "detail",
    [
        "DeleteConflict: Cannot delete a policy attached to entities.",
        "InvalidRequestException: Backup vault cannot be deleted (contains recovery points)",
        "InvalidDBClusterStateFault: Cluster is not in available state",
        "InvalidGlobalClusterStateFault: Global cluster is not in available state",
        "ThrottlingException: Rate exceeded",
    ],
)
def test_what_is_known_to_pass(detail: str) -> None:
    assert why_it_passes(TerraformError("apply", [Diagnostic("error", "deleting", detail)]))


def test_a_lock_never_passes_by_itself() -> None:
    error = StateLockedError("apply", PASSING.diagnostics, LockInfo("1", "p", "apply", "kim", "today"))
    assert why_it_passes(error) is None
    assert why_it_passes(ValueError("DependencyViolation")) is None
