"""A proposal takes over what exists, round by round, and nothing that is not the environment's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from tap.account import Account
from tap.adoption.data_loss import DataLossError
from tap.adoption.imports import FILE
from tap.adoption.ownership import ForeignResourceError
from tap.adoption.proposal import Proposer, Surroundings
from tap.inventory.resource import Resource
from tap.inventory.states import State
from tap.terraform import Terraform
from tap.terraform_events import PlannedChange
from tests.unit.tap_adoption.planning import (
    ACCOUNT,
    SUFFIX,
    Found,
    PlanningTerraform,
    listed,
    resource,
    state,
)

HERE = f"us-east-1:{ACCOUNT}"
TOPIC = resource(f"sns:{HERE}:payment-alerts-pr-1")
WANTED = {"aws_sns_topic.alerts": {"name": "payment-alerts-pr-1"}}

Propose = Callable[..., tuple[Proposer, PlanningTerraform]]


@pytest.fixture
def proposer(account: Account, tmp_path: Path) -> Propose:
    """A proposer of a Terraform that wants these resources, where those are found."""

    def make(
        wanted: Mapping[str, Mapping[str, Any]],
        found: Sequence[Resource] = (),
        known: State | None = None,
        *,
        replaceable: Sequence[str] = (),
        tell: Callable[[str], None] = lambda _: None,
        **terraform: Any,
    ) -> tuple[Proposer, PlanningTerraform]:
        planning = PlanningTerraform(tmp_path, wanted, **terraform)
        surroundings = Surroundings(account, Found([found]), lambda: known)
        made = Proposer(cast(Terraform, planning), SUFFIX, surroundings, replaceable=replaceable, tell=tell)
        return made, planning

    return make


def test_a_new_environment_is_planned_once(proposer: Propose, account: Account) -> None:
    made, terraform = proposer(WANTED)
    proposal = made.propose()
    assert (terraform.plans, proposal.adoptions, proposal.strays, proposal.empty) == (1, (), (), False)
    assert account.calls.total() == 0


def test_nothing_to_do_is_an_empty_proposal(proposer: Propose) -> None:
    made, terraform = proposer(WANTED, [TOPIC], state(listed("aws_sns_topic.alerts", arn=TOPIC.arn)), made=set(WANTED))
    assert made.propose().empty
    assert terraform.plans == 1


def test_what_exists_is_taken_over_and_the_import_blocks_are_gone_afterwards(proposer: Propose, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"import": [{"to": "left.by", "id": "a run that was killed"}]}')
    told: list[str] = []
    made, terraform = proposer(WANTED, [TOPIC], tell=told.append)
    proposal = made.propose()
    assert [(each.address, each.id) for each in proposal.adoptions] == [("aws_sns_topic.alerts", TOPIC.arn)]
    assert [change.action for change in proposal.plan.changes] == ["import"]
    assert not (tmp_path / FILE).exists()
    assert terraform.last_imports == {"aws_sns_topic.alerts": TOPIC.arn}
    assert told == [
        "resources of environment 'pr-1' that its state does not list: 1",
        "taken over, since it exists: aws_sns_topic.alerts",
    ]


def test_a_part_is_taken_over_even_if_nothing_with_tags_is_missing(proposer: Propose, account: Account) -> None:
    """The state was written after the key was made and before its alias was."""
    kms = account.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/payment-database-pr-1", TargetKeyId=key)
    wanted = {"aws_kms_alias.database": {"name": "alias/payment-database-pr-1", "target_key_id": key}}
    made, _ = proposer(wanted, known=state(listed("aws_sns_topic.other", arn="arn:aws:sns:::x")))
    assert [each.id for each in made.propose().adoptions] == ["alias/payment-database-pr-1"]


def test_what_the_plan_has_no_use_for_is_a_stray(proposer: Propose) -> None:
    second = resource(f"sns:{HERE}:payment-other-pr-1")
    made, _ = proposer(WANTED, [TOPIC, second])
    assert made.propose().strays == (second,)


def test_a_stray_alone_is_something_to_do(proposer: Propose) -> None:
    made, _ = proposer({}, [TOPIC], state(listed("aws_sns_topic.x", arn="arn:aws:sns:::x")))
    proposal = made.propose()
    assert (proposal.plan.empty, proposal.empty) == (True, False)


def test_what_aws_says_exists_is_taken_over_by_its_name_though_nobody_finds_it(proposer: Propose) -> None:
    """AWS's tagging API lags behind."""
    made, _ = proposer(WANTED)
    proposal = made.propose(in_the_way={"aws_sns_topic.alerts"})
    assert [each.id for each in proposal.adoptions] == [TOPIC.arn]


def test_what_belongs_to_somebody_else_is_refused(proposer: Propose, tmp_path: Path) -> None:
    made, _ = proposer(WANTED, foreign={"aws_sns_topic.alerts": {"Owner": "somebody"}})
    with pytest.raises(ForeignResourceError, match=r"aws_sns_topic\.alerts"):
        made.propose(in_the_way={"aws_sns_topic.alerts"})
    assert not (tmp_path / FILE).exists()


def test_what_is_broken_and_in_the_way_is_told_apart(
    proposer: Propose, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account.client("lambda"), "get_function_configuration", lambda **_: {"State": "Failed"})
    function = resource(f"lambda:{HERE}:function:payment-processor-pr-1")
    made, _ = proposer({"aws_lambda_function.f": {"function_name": "payment-processor-pr-1"}}, [function])
    proposal = made.propose()
    assert (proposal.adoptions, proposal.strays, proposal.broken) == ((), (), (function,))


def test_what_an_interrupted_destroy_removes_is_waited_for_and_made_anew(
    proposer: Propose, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan saw the table, which was going: only a second plan creates it."""
    gone = {"Table": {"TableStatus": "DELETING"}}

    def describe(**_: object) -> dict[str, Any]:
        if terraform.made:
            terraform.made.clear()
            raise account.client("dynamodb").exceptions.ResourceNotFoundException(
                {"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "DescribeTable"
            )
        return gone

    monkeypatch.setattr(account.client("dynamodb"), "describe_table", describe)
    table = "aws_dynamodb_table.sessions"
    known = state(listed(table, arn="arn:aws:dynamodb:::x", id="t"))
    made, terraform = proposer({table: {"name": "t"}, **WANTED}, known=known, made={table})
    created = {change.address for change in made.propose().plan.changes}
    assert created == {table, *WANTED}
    assert terraform.plans == 2


def test_a_sound_tainted_resource_stays_and_is_told(proposer: Propose) -> None:
    told: list[str] = []
    known = state(listed("aws_iam_role.relay", tainted=True, id="payment-relay-pr-1"))
    made, terraform = proposer({}, known=known, tell=told.append)
    made.propose()
    assert terraform.untainted == made.untainted == ["aws_iam_role.relay"]
    assert "aws_iam_role.relay was left tainted" in told[0]


def test_the_loss_of_data_is_refused_unless_it_was_asked_for(proposer: Propose) -> None:
    loss = PlannedChange("aws_dynamodb_table.t", "aws_dynamodb_table", "replace")
    made, _ = proposer({}, ending=[loss])
    with pytest.raises(DataLossError):
        made.propose()
    allowed, _ = proposer({}, ending=[loss], replaceable=[loss.address])
    assert allowed.propose().plan.changes == (loss,)
