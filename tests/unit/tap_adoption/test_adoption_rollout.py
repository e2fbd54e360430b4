"""A proposal is carried out: what is in the way is taken over or swept, and every repetition has to get further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from tap.account import Account
from tap.adoption.proposal import Proposal, Proposer, Surroundings
from tap.adoption.rollout import LeftoverError, Rollout
from tap.inventory.resource import Resource
from tap.inventory.states import State
from tap.removal.sweep import Sweeper
from tap.terraform import Terraform
from tap.terraform_errors import TerraformError
from tap.terraform_events import Diagnostic, PlannedChange
from tests.unit.tap_adoption.planning import (
    ACCOUNT,
    SUFFIX,
    Found,
    PlanningTerraform,
    RecordingSweeper,
    listed,
    resource,
    state,
)

HERE = f"us-east-1:{ACCOUNT}"
TOPIC = resource(f"sns:{HERE}:payment-alerts-pr-1")
STRAY = resource(f"sns:{HERE}:payment-other-pr-1")
TABLE = resource(f"dynamodb:{HERE}:table/payment-other-pr-1")
ADDRESS = "aws_sns_topic.alerts"
WANTED = {ADDRESS: {"name": "payment-alerts-pr-1"}}


def failure(text: str, address: str = ADDRESS) -> TerraformError:
    return TerraformError("apply", [Diagnostic("error", text, "", address)])


EXISTS = failure("creating topic: ResourceConflictException: it already exists")


@dataclass
class Scene:
    """A rollout, and what it works on."""

    rollout: Rollout
    proposer: Proposer
    terraform: PlanningTerraform
    sweeper: RecordingSweeper = field(default_factory=RecordingSweeper)

    def propose(self) -> Proposal:
        return self.proposer.propose()


def scene(
    account: Account,
    directory: Path,
    found: list[Sequence[Resource]],
    *,
    known: State | None = None,
    sweeper: RecordingSweeper | None = None,
    **terraform: Any,
) -> Scene:
    planning = PlanningTerraform(directory, WANTED, **terraform)
    proposer = Proposer(cast(Terraform, planning), SUFFIX, Surroundings(account, Found(found), lambda: known))
    recording = sweeper or RecordingSweeper()
    return Scene(Rollout(proposer, cast(Sweeper, recording)), proposer, planning, recording)


def test_what_was_found_is_imported_by_the_apply(account: Account, tmp_path: Path) -> None:
    one = scene(account, tmp_path, [[TOPIC]])
    outcome = one.rollout.carry_out(one.propose())
    assert one.terraform.applied == [{ADDRESS: TOPIC.arn}]
    assert [each.address for each in outcome.adopted] == [ADDRESS]
    assert one.sweeper.asked == []


def test_what_turns_out_to_exist_is_taken_over_and_the_apply_repeated(account: Account, tmp_path: Path) -> None:
    one = scene(account, tmp_path, [[], [TOPIC]], failures=[EXISTS])
    outcome = one.rollout.carry_out(one.propose())
    assert one.terraform.applied == [{ADDRESS: TOPIC.arn}]
    assert [each.address for each in outcome.adopted] == [ADDRESS]
    assert outcome.summary.add == 1


def test_without_progress_the_error_is_passed_on(account: Account, tmp_path: Path) -> None:
    one = scene(account, tmp_path, [[], [TOPIC]], failures=[EXISTS, EXISTS])
    with pytest.raises(TerraformError) as passed_on:
        one.rollout.carry_out(one.propose())
    assert passed_on.value is EXISTS
    assert one.terraform.applied == []


def test_another_fault_is_passed_on_at_once(account: Account, tmp_path: Path) -> None:
    one = scene(account, tmp_path, [[]], failures=[failure("AccessDenied: not authorized")])
    proposal = one.propose()
    plans = one.terraform.plans
    with pytest.raises(TerraformError, match="AccessDenied"):
        one.rollout.carry_out(proposal)
    assert one.terraform.plans == plans


def test_a_repetition_never_removes_more_than_was_agreed_to(account: Account, tmp_path: Path) -> None:
    one = scene(account, tmp_path, [[], [TOPIC]], failures=[EXISTS])
    proposal = one.propose()
    one.terraform.ending = [PlannedChange("aws_sqs_queue.q", "aws_sqs_queue", "delete")]
    with pytest.raises(TerraformError):
        one.rollout.carry_out(proposal)
    assert one.terraform.applied == []


def test_a_stray_is_swept_after_the_apply(account: Account, tmp_path: Path) -> None:
    one = scene(account, tmp_path, [[STRAY]])
    outcome = one.rollout.carry_out(one.propose())
    assert one.sweeper.asked == outcome.swept == [STRAY]
    assert len(one.terraform.applied) == 1


def test_a_stray_that_another_run_has_taken_over_meanwhile_is_left_alone(account: Account, tmp_path: Path) -> None:
    known: list[State | None] = [None]
    one = scene(account, tmp_path, [[STRAY]])
    one.proposer.surroundings = Surroundings(account, Found([[STRAY]]), lambda: known[0])
    proposal = one.propose()
    assert proposal.strays == (STRAY,)
    known[0] = state(listed("aws_sns_topic.other", arn=STRAY.arn))
    one.rollout.carry_out(proposal)
    assert one.sweeper.asked == []


def test_a_stray_that_is_gone_by_then_is_not_asked_for(account: Account, tmp_path: Path) -> None:
    one = scene(account, tmp_path, [[STRAY], []])
    one.rollout.carry_out(one.propose())
    assert one.sweeper.asked == []


def test_a_stray_that_may_hold_data_is_kept_and_told(account: Account, tmp_path: Path) -> None:
    one = scene(account, tmp_path, [[STRAY, TABLE]])
    outcome = one.rollout.carry_out(one.propose())
    assert (outcome.kept, outcome.swept) == ([TABLE], [STRAY])
    assert one.sweeper.asked == [STRAY]


def test_what_could_not_be_swept_is_told_with_the_reason(account: Account, tmp_path: Path) -> None:
    one = scene(account, tmp_path, [[STRAY]], sweeper=RecordingSweeper(stuck=[STRAY]))
    outcome = one.rollout.carry_out(one.propose())
    assert outcome.failed == [(STRAY, "in use")]


def test_what_is_broken_goes_before_the_apply(account: Account, tmp_path: Path) -> None:
    one = scene(account, tmp_path, [[STRAY]])
    proposal = Proposal(one.terraform.plan(), broken=(STRAY,))
    outcome = one.rollout.carry_out(proposal)
    assert outcome.swept == [STRAY]


@pytest.mark.parametrize(
    ("broken", "reason"), [(TABLE, "it may hold data"), (STRAY, "in use")], ids=["data", "not removed"]
)
def test_what_is_broken_and_stays_stops_the_deploy(
    account: Account, tmp_path: Path, broken: Resource, reason: str
) -> None:
    one = scene(account, tmp_path, [[broken]], sweeper=RecordingSweeper(stuck=[STRAY]))
    with pytest.raises(LeftoverError, match=rf"{broken.name}: {reason}; remove it by hand"):
        one.rollout.carry_out(Proposal(one.terraform.plan(), broken=(broken,)))
    assert one.terraform.applied == []
