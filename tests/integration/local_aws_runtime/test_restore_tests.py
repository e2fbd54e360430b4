"""A plan restores a backup, its event starts the workflow, the result removes what was restored: all of it executed."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from local_aws.server import LocalAws

from .conftest import ACCOUNT, REGION, Cloud
from .restore_machine import RestoreMachine, make_ledger

FAST = 100
HOUR_A_SECOND = 3600


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local AWS in which waits are short, and an hour of a plan passes in a second."""
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LOCAL_AWS_WAIT_SPEED", str(FAST))
            patch.setenv("LOCAL_AWS_SCHEDULE_SPEED", str(HOUR_A_SECOND))
            started = running.enter_context(LocalAws.started(tmp_path_factory.mktemp("restore_tests")))
        yield Cloud(started)


@pytest.fixture(scope="module")
def ledger(fast: Any) -> str:
    return make_ledger(fast)


def test_a_restored_ledger_is_validated_and_removed(fast: Any, ledger: str) -> None:
    machine = RestoreMachine(fast)
    machine.back_up(ledger)
    machine.plan("Aurora", ledger)
    execution, job = machine.run()
    assert execution["status"] == "SUCCEEDED"
    assert (job["ValidationStatus"], job["DeletionStatus"]) == ("SUCCESSFUL", "SUCCESSFUL")
    assert job["ValidationStatusMessage"] == "The ledger is balanced: 1 payments, the newest of 2026-01-01T00:00:00Z"
    (line,) = [line for line in machine.function.log() if line.startswith("checked")][:1]
    assert line.startswith("checked check-ledger True 127.")


def test_a_ledger_that_does_not_balance_is_told_and_removed(fast: Any, ledger: str) -> None:
    machine = RestoreMachine(fast, unbalanced=True)
    machine.back_up(ledger)
    machine.plan("Aurora", ledger)
    execution, job = machine.run()
    assert (execution["status"], execution["error"]) == ("FAILED", "LedgerUnbalancedError")
    assert (job["ValidationStatus"], job["DeletionStatus"]) == ("FAILED", "SUCCESSFUL")
    notice = json.loads(fast.message(machine.notices)["Body"])
    assert notice["Subject"] == "Restore test of payment environment dev: failed"
    assert "a payment lacks its entries" in notice["Message"]


def test_a_restored_table_is_validated_and_removed(fast: Any) -> None:
    machine, dynamodb = RestoreMachine(fast), fast.client("dynamodb")
    dynamodb.create_table(
        TableName="sessions",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    dynamodb.put_item(TableName="sessions", Item={"id": {"S": "one"}})
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/sessions"
    machine.back_up(arn)
    machine.plan("DynamoDB", arn)
    execution, job = machine.run()
    assert execution["status"] == "SUCCEEDED"
    assert (job["ValidationStatus"], job["DeletionStatus"]) == ("SUCCESSFUL", "SUCCESSFUL")
    tables = dynamodb.list_tables()["TableNames"]
    assert job["CreatedResourceArn"].rpartition("/")[2] not in tables
