"""The failover to another Region, executed: each branch, with a function that answers as told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from lib.recovery.region_failover_definition import region_failover_definition
from tests.unit.executions import without_pauses
from tests.unit.recovery.machine import FUNCTION, Machine

SWITCHOVER = {"mode": "switchover", "requested_by": "Grace"}
FAILOVER = {"mode": "failover", "requested_by": "alarm payment-replication-lag-secondary-dev"}
REGIONS = {
    "primary": "us-east-1",
    "this": "us-west-2",
    "other_reachable": True,
    "already_primary": False,
    "lag_seconds": 0.2,
}
ALONE = {**REGIONS, "other_reachable": False, "lag_seconds": None}
ANSWERS: dict[str, Any] = {
    "examine-regions": REGIONS,
    "fence": {"fenced": True, "wait_seconds": 0},
    "check-ledger": {"payments": 7, "newest": "2026-01-01T00:00:00Z", "outbox_waiting": 2},
}
ASKED = ["examine-regions", "request-approval"]
PROMOTED = [*ASKED, "fence", "promote", "await-promotion", "take-role"]
CHECKED = ["check-service", "check-ledger", "move-dns", "check-dns"]
WAY_BACK = ["examine-regions", "unfence"]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    without_pauses(monkeypatch)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield Machine(
            monkeypatch,
            lambda topic: region_failover_definition(
                partition="aws",
                function_arn=FUNCTION,
                topic_arn=topic,
                place="payment environment dev in us-west-2",
                approval_hours=24,
            ),
        )


def outcomes(machine: Machine) -> list[str]:
    """What the notices say of the failover, in one phrase each."""
    what = "Failover to payment environment dev in us-west-2: "
    return [str(subject).removeprefix(what) for subject, _ in machine.notices]


@pytest.mark.parametrize(("given", "loss"), [(SWITCHOVER, False), (FAILOVER, True)])
def test_an_approved_failover_fences_promotes_and_checks(machine: Machine, given: dict[str, str], loss: bool) -> None:
    assert machine.run(given, ANSWERS) == "Recovered"
    assert machine.tasks == [*PROMOTED, *CHECKED]
    assert machine.payload("fence")["allow_unreachable"] is loss
    assert machine.payload("promote")["allow_data_loss"] is loss
    assert outcomes(machine) == ["waits for approval", "done"]
    (_, asked), (_, done) = machine.notices
    assert asked == (
        f"A {given['mode']} to us-west-2 is requested by {given['requested_by']}. Now us-east-1 is the primary; "
        "the other Region is reachable: true; the ledger here is 0.2 s behind. The task token is in the "
        "session table under approval/recovery/run-1; "
        "without an answer nothing is touched, and the request ends after 24 hours."
    )
    request = machine.payload("request-approval")
    assert (request["execution"], request["summary"]) == ("run-1", asked)
    assert done == (
        f"us-west-2 takes payments, requested by {given['requested_by']}. The other Region was fenced: true. "
        "The ledger is balanced: 7 payments, the newest of 2026-01-01T00:00:00Z; 2 events wait to be published."
    )


def test_a_lost_region_is_left_after_a_wait(machine: Machine) -> None:
    answers = {**ANSWERS, "examine-regions": ALONE, "fence": {"fenced": False, "wait_seconds": 1}}
    assert machine.run(FAILOVER, answers) == "Recovered"
    assert "The other Region was fenced: false." in machine.notices[-1][1]


def test_the_primary_is_left_alone(machine: Machine) -> None:
    leading = {**REGIONS, "primary": "us-west-2", "already_primary": True}
    assert machine.run(SWITCHOVER, {"examine-regions": leading}) == "AlreadyPrimary"
    assert machine.tasks == ["examine-regions"]
    assert machine.notices == []


def test_a_switchover_without_the_other_region_is_refused_with_the_remedy(machine: Machine) -> None:
    assert machine.run(SWITCHOVER, {"examine-regions": ALONE}) == "OtherRegionUnreachable"
    assert machine.tasks == ["examine-regions"]
    assert outcomes(machine) == ["refused"]
    assert "with the mode failover" in machine.notices[0][1]


@pytest.mark.parametrize("decision", [{"approved": False, "approver": "Ada"}, {}, "yes", {"approved": "true"}])
def test_anything_but_a_clear_approval_touches_nothing(machine: Machine, decision: object) -> None:
    machine.decision = decision
    assert machine.run(SWITCHOVER, ANSWERS) == "NotApproved"
    assert machine.tasks == ASKED
    assert outcomes(machine) == ["waits for approval", "not approved"]


def test_a_failover_that_nobody_answers_for_touches_nothing(machine: Machine) -> None:
    machine.decision = None
    machine.definition["States"]["RequestApproval"]["TimeoutSeconds"] = 1
    assert machine.run(SWITCHOVER, ANSWERS) == "ApprovalTimedOut"
    assert machine.tasks == ASKED
    assert outcomes(machine) == ["waits for approval", "nobody approved in time"]


@pytest.mark.parametrize(
    ("task", "error"),
    [
        ("fence", "FenceError"),
        ("promote", "InvalidGlobalClusterStateFault"),
        ("await-promotion", "PromotionPendingError"),
    ],
)
def test_where_the_promotion_fails_the_other_region_takes_payments_again(
    machine: Machine, task: str, error: str
) -> None:
    assert machine.run(SWITCHOVER, {**ANSWERS, task: [error]}) == error
    assert machine.tasks == [*PROMOTED[: PROMOTED.index(task) + 1], *WAY_BACK]
    assert outcomes(machine) == ["waits for approval", "failed"]
    assert f"failed: {error}. " in machine.notices[-1][1]


@pytest.mark.parametrize("task", ["fence", "promote", "await-promotion"])
def test_where_it_was_promoted_after_all_this_region_goes_on(machine: Machine, task: str) -> None:
    promoted = {**REGIONS, "primary": "us-west-2"}
    answers = {**ANSWERS, "examine-regions": [REGIONS, promoted], task: ["KeyError"]}
    assert machine.run(SWITCHOVER, answers) == "Recovered"
    assert machine.tasks == [*PROMOTED[: PROMOTED.index(task) + 1], "examine-regions", "take-role", *CHECKED]


def test_a_primary_that_cannot_be_told_is_none(machine: Machine) -> None:
    unknown = {**REGIONS, "primary": None}
    answers = {**ANSWERS, "examine-regions": [REGIONS, unknown], "promote": ["KeyError"], "unfence": ["FenceError"]}
    assert machine.run(FAILOVER, answers) == "KeyError"
    assert machine.tasks[-2:] == WAY_BACK


def test_where_nothing_can_be_seen_a_person_decides(machine: Machine) -> None:
    answers = {**ANSWERS, "examine-regions": [REGIONS, "EndpointConnectionError"], "promote": ["KeyError"]}
    assert machine.run(SWITCHOVER, answers) == "KeyError"
    assert machine.tasks[-1] == "examine-regions"
    assert outcomes(machine) == ["waits for approval", "failed"]


def test_the_promotion_the_service_and_dns_are_waited_for(machine: Machine) -> None:
    answers = {
        **ANSWERS,
        "await-promotion": [*["PromotionPendingError"] * 150, {}],
        "take-role": ["ThrottlingException", {}],
        "check-service": [*["ServiceUnhealthyError"] * 50, {}],
        "check-dns": [*["DnsNotMovedError"] * 35, {}],
    }
    assert machine.run(SWITCHOVER, answers) == "Recovered"


@pytest.mark.parametrize(
    ("task", "error"),
    [
        ("examine-regions", "ClientError"),
        ("request-approval", "ClientError"),
        ("take-role", "ClientError"),
        ("check-service", "ServiceUnhealthyError"),
        ("check-ledger", "LedgerUnbalancedError"),
        ("move-dns", "ClientError"),
        ("check-dns", "DnsNotMovedError"),
    ],
)
def test_a_task_that_fails_for_good_is_told_and_ends_the_recovery(machine: Machine, task: str, error: str) -> None:
    assert machine.run(SWITCHOVER, {**ANSWERS, task: [error]}) == error
    assert machine.tasks[-1] == task
    assert outcomes(machine)[-1] == "failed"


@pytest.mark.parametrize(
    "given", [{}, {"mode": "failback", "requested_by": "Grace"}, {"mode": "failover"}, {**FAILOVER, "requested_by": 1}]
)
def test_mode_and_who_asks_must_be_said(machine: Machine, given: object) -> None:
    assert machine.run(given, ANSWERS) == "InputRefused"
    assert machine.tasks == []
