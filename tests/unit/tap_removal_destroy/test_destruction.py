"""The order of a removal, what ends it, and what its receipt says."""

from __future__ import annotations

import pytest

from tap.inventory.errors import InventoryError
from tap.inventory.state import State
from tap.removal.destroy import Destruction
from tap.removal.preview import OtherRegionError
from tap.removal.protection import ProtectedError
from tap.terraform_errors import LockInfo, StateLockedError, TerraformError
from tests.unit.tap_removal_destroy.doubles import (
    ACCOUNT,
    QUEUE,
    REGION,
    SNAPSHOT,
    SUFFIX,
    TOPIC,
    StubAccount,
    StubFinder,
    StubStates,
    StubSweeper,
    StubTerraform,
    destruction,
    resource,
)

STATE = State(1, "a", resources=(TOPIC,))


def test_what_terraform_leaves_is_swept_and_counted_in_a_new_search() -> None:
    states, sweeper = StubStates(STATE), StubSweeper()
    finder = StubFinder([QUEUE], [QUEUE], [])
    made = destruction(finder, states, sweeper)
    preview = made.preview()
    assert [(one.id, one.swept) for one in preview.going] == [("aws_sns_topic.topic", False), (QUEUE.arn, True)]
    receipt = made.run()
    assert (receipt.removed, receipt.swept, receipt.left) == (("aws_sns_topic.topic",), (QUEUE,), ())
    assert (receipt.account, receipt.region, receipt.terraform_seconds) == (ACCOUNT, REGION, 2.0)
    assert finder.earlier == {QUEUE}
    # The state that Terraform has emptied by then still tells what to look for, and vouches for its parts.
    assert finder.known == [STATE, STATE, STATE]
    assert sweeper.asked == [({QUEUE.name}, {"arn:aws:sns:us-east-1:1:t"})]
    assert states.state is None


def test_nothing_at_all_is_a_receipt_of_zeros() -> None:
    receipt = destruction(StubFinder([])).run()
    assert receipt.counts == {"removed": 0, "swept": 0, "kept": 0, "left": 0}
    assert receipt.notes == ("there was nothing of environment 'pr-1' in Region us-east-1",)


def test_an_empty_state_alone_is_removed() -> None:
    states = StubStates(State(3, "a"))
    receipt = destruction(StubFinder([]), states).run()
    assert (states.state, receipt.counts["removed"], receipt.notes) == (None, 0, ())


def test_without_a_state_everything_is_swept_and_the_receipt_says_so() -> None:
    receipt = destruction(StubFinder([QUEUE], [QUEUE], [])).run()
    assert (receipt.removed, receipt.swept, receipt.left) == ((), (QUEUE,), ())
    assert receipt.notes == ("there was no state: everything was found by its tags",)


def test_what_resists_is_left_with_its_reason_after_some_sweeps_without_success() -> None:
    sweeper = StubSweeper(sqs="DependencyViolation: it is in use")
    made = destruction(StubFinder([QUEUE]), sweeper=sweeper)
    receipt = made.run()
    assert [(left.name, left.type, left.reason) for left in receipt.left] == [
        (QUEUE.arn, "sqs:queue", "DependencyViolation: it is in use")
    ]
    assert len(sweeper.asked) == 3
    assert receipt.as_json()["left"] == 1
    assert isinstance(made.terraform, StubTerraform)
    assert not made.terraform.discarded


def test_what_an_earlier_sweep_removed_vouches_for_its_parts() -> None:
    """A dashboard that resisted at first shows alarms that are gone by now."""
    alarm = resource(f"cloudwatch:{REGION}:{ACCOUNT}:alarm:payment-service-{SUFFIX}")
    dashboard = resource(f"cloudwatch::{ACCOUNT}:dashboard/payment-{SUFFIX}")
    sweeper = StubSweeper()
    destruction(StubFinder([alarm], [alarm], [dashboard], []), sweeper=sweeper).run()
    assert [owners for _, owners in sweeper.asked] == [set(), {alarm.arn}]


def test_what_comes_back_each_time_is_left_in_the_end() -> None:
    sweeper = StubSweeper()
    receipt = destruction(StubFinder([QUEUE]), sweeper=sweeper).run()
    assert [left.name for left in receipt.left] == [QUEUE.arn]
    assert len(sweeper.asked) == 4


def test_the_time_for_sweeping_ends() -> None:
    sweeper = StubSweeper()
    made = destruction(StubFinder([QUEUE]), sweeper=sweeper)
    made.remainder.budget_seconds = 0
    assert [left.name for left in made.run().left] == [QUEUE.arn]
    assert sweeper.asked == []


def test_terraform_runs_once_more_after_a_sweep_has_made_way() -> None:
    states = StubStates(STATE)
    made = destruction(StubFinder([QUEUE], [QUEUE], []), states, failures=[TerraformError("apply", [], "denied")])
    told: list[str] = []
    receipt = made.run(on_note=told.append)
    assert told == ["denied\nwhat it left is swept", "1 resources are left: sweeping them"]
    assert isinstance(made.terraform, StubTerraform)
    assert [plan is None for plan in made.terraform.applied] == [False, True]
    assert (receipt.removed, receipt.left) == (("aws_sns_topic.topic",), ())
    assert receipt.notes == ("at first, denied",)
    assert made.terraform.discarded


def test_what_is_still_in_the_state_is_left_and_what_terraform_said_is_on_the_receipt() -> None:
    states = StubStates(STATE)
    failures = [TerraformError("apply", [], "first"), TerraformError("apply", [], "AccessDenied: no")]
    receipt = destruction(StubFinder([]), states, failures=failures).run()
    assert [(left.name, left.reason) for left in receipt.left] == [("aws_sns_topic.topic", "it is still in the state")]
    assert receipt.notes == ("AccessDenied: no",)
    assert states.state is STATE


def test_a_locked_state_is_said_before_anything_is_searched() -> None:
    lock = LockInfo("1-2", f"b/payment/single-region/{SUFFIX}.tfstate", "apply", "kim@laptop", "2026-11-21")
    with pytest.raises(StateLockedError, match=r"by kim@laptop since 2026-11-21 \(apply\).*env unlock pr-1 --id 1-2"):
        destruction(StubFinder(), StubStates(STATE, lock)).preview()


def test_half_a_list_is_not_acted_on() -> None:
    class Failing(StubFinder):
        def environment(self, *_: object, **__: object) -> None:  # type: ignore[override]
            raise InventoryError("iam.ListRoles failed")

    sweeper = StubSweeper()
    made = destruction(Failing([]), StubStates(STATE), sweeper)
    with pytest.raises(InventoryError, match="ListRoles"):
        made.run()
    assert isinstance(made.terraform, StubTerraform)
    assert (made.terraform.applied, sweeper.asked) == ([], [])


def test_the_region_of_the_state_counts_and_that_of_the_tags_without_one() -> None:
    there = {**TOPIC.attributes, "tags_all": {**TOPIC.tags, "HomeRegion": "eu-west-1"}}
    state = State(1, "a", resources=(type(TOPIC)(TOPIC.address, TOPIC.type, "managed", there),))
    with pytest.raises(OtherRegionError, match="is in Region eu-west-1 and not in us-east-1: give `--region"):
        destruction(StubFinder(), StubStates(state)).preview()
    with pytest.raises(OtherRegionError, match="eu-west-3"):
        destruction(StubFinder([], elsewhere="eu-west-3")).run()
    # What is here of an environment that has something elsewhere too is removed here.
    receipt = destruction(StubFinder([QUEUE], [QUEUE], [], elsewhere="eu-west-3")).run()
    assert receipt.swept == (QUEUE,)


def test_backups_of_production_are_kept_with_the_key_to_read_them() -> None:
    key = resource(f"kms:{REGION}:{ACCOUNT}:key/1-2", EnvironmentClass="production")
    made = destruction(StubFinder([QUEUE, SNAPSHOT, key], [QUEUE, SNAPSHOT, key], [SNAPSHOT, key]))
    assert {one.arn for one in made.preview().kept} == {SNAPSHOT.arn, key.arn}
    assert [one.id for one in made.preview().going] == [QUEUE.arn]
    made = destruction(StubFinder([QUEUE, SNAPSHOT, key], [QUEUE, SNAPSHOT, key], [SNAPSHOT, key]))
    receipt = made.run(confirmed=SUFFIX, account_id=ACCOUNT)
    assert (receipt.swept, set(receipt.kept), receipt.left) == ((QUEUE,), {SNAPSHOT, key}, ())
    assert "cancel-key-deletion" in receipt.notes[-1]


def test_a_key_that_nothing_is_read_with_goes() -> None:
    key = resource(f"kms:{REGION}:{ACCOUNT}:key/1-2", EnvironmentClass="production")
    receipt = destruction(StubFinder([key], [key], [])).run(confirmed=SUFFIX, account_id=ACCOUNT)
    assert (receipt.swept, receipt.kept) == ((key,), ())


def test_the_class_in_the_state_alone_protects() -> None:
    tags = {**TOPIC.attributes, "tags_all": {**TOPIC.tags, "EnvironmentClass": "production"}}
    state = State(1, "a", resources=(type(TOPIC)(TOPIC.address, TOPIC.type, "managed", tags),))
    made = destruction(StubFinder([]), StubStates(state))
    with pytest.raises(ProtectedError, match="class production"):
        made.run()
    assert isinstance(made.terraform, StubTerraform)
    assert made.terraform.applied == []


def test_the_suffixes_that_are_protected_are_an_input() -> None:
    made = destruction(StubFinder([QUEUE]), protected_suffixes=f"other,{SUFFIX}")
    assert made.preview().protection.reasons == ("its suffix is one of PROTECTED_SUFFIXES",)
    assert destruction(StubFinder([QUEUE]), protected_suffixes="pr-12,pr").preview().protection.reasons == ()


@pytest.mark.parametrize("suffix", ["", "pr_1", "../x", "*", "a" * 21, "-x", "PR-1"])
def test_no_hostile_suffix_gets_as_far_as_a_removal(suffix: str) -> None:
    with pytest.raises(ValueError, match="use at most"):
        Destruction(StubAccount(), StubStates(), suffix)
