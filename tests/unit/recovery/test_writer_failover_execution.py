"""The failover of the writer, executed: each branch, with a function that answers as told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from lib.recovery.writer_failover_definition import writer_failover_definition
from tests.unit.executions import without_pauses
from tests.unit.recovery.machine import FUNCTION, Machine

GIVEN = {"requested_by": "alarm payment-ledger-unavailable-dev"}
LOST = {"status": "available", "writer": "instance-0", "writer_answers": False}
MOVED = {"status": "available", "writer": "instance-1", "writer_answers": True}
BALANCED = {"balanced": True, "payments": 7, "newest": "2026-01-01T00:00:00Z", "outbox_waiting": 2, "faults": []}
WELL = {"healthy": True}
ANSWERS: dict[str, Any] = {"examine-cluster": [LOST, MOVED], "check-service": WELL, "check-ledger": BALANCED}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    without_pauses(monkeypatch)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield Machine(
            monkeypatch,
            lambda topic: writer_failover_definition(
                partition="aws", function_arn=FUNCTION, topic_arn=topic, place="payment environment dev in us-west-2"
            ),
        )


def test_a_lost_writer_is_replaced_and_payments_are_checked(machine: Machine) -> None:
    assert machine.run(GIVEN, ANSWERS) == "Recovered"
    assert machine.tasks == [
        "examine-cluster",
        "fail-over-writer",
        "await-writer",
        "check-service",
        "check-ledger",
        "examine-cluster",
    ]
    for task in ("fail-over-writer", "await-writer"):
        assert machine.payload(task) == {"task": task, "from_writer": "instance-0"}
    assert machine.payload("check-ledger")["strict"] is True
    ((subject, text),) = machine.notices
    assert subject == "Failover of the writer of payment environment dev in us-west-2: done"
    assert text == (
        "The writer is instance-1 instead of instance-0, requested by alarm payment-ledger-unavailable-dev. "
        "The ledger is balanced: 7 payments; 2 events wait to be published."
    )


def test_nothing_is_touched_where_the_writer_answers_and_the_service_is_well(machine: Machine) -> None:
    assert machine.run(GIVEN, {"examine-cluster": MOVED, "check-service": WELL}) == "Healthy"
    assert machine.tasks == ["examine-cluster", "check-service"]
    assert machine.notices == []


def test_a_service_that_gets_well_by_itself_is_given_time(machine: Machine) -> None:
    unwell = ["ServiceUnhealthyError"] * 6
    assert machine.run(GIVEN, {"examine-cluster": MOVED, "check-service": [*unwell, WELL]}) == "Healthy"


@pytest.mark.parametrize("error", ["ServiceUnhealthyError", "LedgerUnavailableError"])
def test_a_writer_that_answers_is_left_where_the_service_stays_unwell(machine: Machine, error: str) -> None:
    tries = 7 if error == "ServiceUnhealthyError" else 1
    answers = {**ANSWERS, "examine-cluster": MOVED, "check-service": [*[error] * tries, WELL]}
    assert machine.run(GIVEN, answers) == "Recovered"
    assert machine.tasks[:3] == ["examine-cluster", "check-service", "fail-over-writer"]


def test_a_cluster_that_is_on_the_move_is_moved(machine: Machine) -> None:
    moving = {**MOVED, "status": "failing-over"}
    assert machine.run(GIVEN, {**ANSWERS, "examine-cluster": [moving, MOVED]}) == "Recovered"


def test_the_new_writer_and_the_service_are_waited_for(machine: Machine) -> None:
    answers = {
        **ANSWERS,
        "await-writer": [*["WriterNotReadyError"] * 100, {}],
        "check-service": [*["ServiceUnhealthyError"] * 50, WELL],
    }
    assert machine.run(GIVEN, answers) == "Recovered"


@pytest.mark.parametrize(
    ("task", "error"),
    [
        ("examine-cluster", "ClientError"),
        ("fail-over-writer", "InvalidDBClusterStateFault"),
        ("await-writer", "WriterNotReadyError"),
        ("check-service", "ServiceUnhealthyError"),
        ("check-ledger", "LedgerUnbalancedError"),
        ("check-ledger", "LedgerUnavailableError"),
    ],
)
def test_a_task_that_fails_for_good_is_told_and_ends_the_recovery(machine: Machine, task: str, error: str) -> None:
    assert machine.run(GIVEN, {**ANSWERS, task: [error]}) == error
    assert machine.tasks[-1] == task
    ((subject, text),) = machine.notices
    assert subject == "Failover of the writer of payment environment dev in us-west-2: failed"
    assert text.startswith("Failover of the writer of payment environment dev in us-west-2, requested by alarm ")
    assert f"failed: {error}. " in text
    assert "as told" in text
    assert text.endswith(":run-1")


def test_a_notice_that_cannot_be_sent_changes_nothing(machine: Machine) -> None:
    for name in ("TellRecovered", "TellFailure"):
        machine.definition["States"][name]["Parameters"]["TopicArn"] += "-gone"
    assert machine.run(GIVEN, ANSWERS) == "Recovered"
    assert machine.notices == []


@pytest.mark.parametrize("given", [{}, {"requested_by": 7}])
def test_who_asks_must_be_said(machine: Machine, given: object) -> None:
    assert machine.run(given, ANSWERS) == "InputRefused"
    assert machine.tasks == []
