"""The secondary Region: it takes no payment and loses none, reads without a writer, and says that it is alive."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lib.workflow.states import TRANSIENT_ERRORS
from payments import clients
from payments.database import LedgerUnavailableError
from payments.http import DEEP_HEALTH_PATH, HEALTH_PATH
from payments.ledger import Ledger
from payments.regional_database import SecondaryRegionError
from tests.unit.payment_system.ledger_server import READER, LedgerServer
from tests.unit.payment_system.payment_account import ROLE_PARAMETER, PaymentAccount
from tests.unit.payment_system.sample_payments import ACCOUNTS, record, valid_payment

Output = Callable[[], list[dict[str, Any]]]
Invoke = Callable[[dict[str, Any]], dict[str, Any]]

pytestmark = pytest.mark.usefixtures("secondary")


@pytest.fixture
def replica(ledger: Ledger, ledger_rows: LedgerServer) -> Iterator[LedgerServer]:
    """The ledger as the secondary Region has it: read only, with what the primary one took a minute ago."""
    record(ledger, valid_payment("taken"))
    record(ledger, valid_payment("pending"), pending=True)
    ledger_rows.let_time_pass(seconds=60)
    ledger_rows.server.set_read_only(True)
    yield ledger_rows
    ledger_rows.server.set_read_only(False)


def payment_event(detail: object) -> dict[str, Any]:
    return {"version": "0", "source": "payment.processor", "detail-type": "Payment Transaction", "detail": detail}


def counted(lines: list[dict[str, Any]], metric: str) -> list[list[float]]:
    return [line[metric] for line in lines if metric in line]


def test_payment_is_answered_503_and_leaves_nothing_behind(
    post: Any,
    replica: LedgerServer,
    connections: list[str],
    deployment: PaymentAccount,
    payment: dict[str, Any],
    output: Output,
) -> None:
    result = post(payment)
    assert result.status == 503
    assert result.headers["retry-after"] == "5"
    assert result.answer == {
        "valid": False,
        "reason": "Region is secondary",
        "detail": "the primary Region takes payments; this one does once it is promoted",
        "payment_id": "pay-1",
    }
    assert connections == []
    assert replica.count("payments") == 2
    assert (deployment.items(), deployment.published()) == ([], [])
    lines = output()
    assert counted(lines, "PaymentsLeftToPrimary") == [[1.0]]
    assert counted(lines, "InternalErrors") == counted(lines, "PaymentsRefused") == []


@pytest.mark.parametrize(
    ("changes", "reason"), [({"amount": "0"}, "Invalid amount"), ({"amount": "2000000"}, "Amount exceeds limit")]
)
def test_request_at_fault_is_told_so_here_too(
    post: Any, payment: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    result = post({**payment, **changes})
    assert (result.status, result.answer["reason"]) == (400, reason)


def test_payment_event_is_raised_so_that_it_is_tried_again_and_kept(
    invoke: Invoke, payment: dict[str, Any], output: Output
) -> None:
    with pytest.raises(SecondaryRegionError):
        invoke(payment_event(payment))
    lines = output()
    assert counted(lines, "PaymentsLeftToPrimary") == [[1.0]]
    assert counted(lines, "InternalErrors") == []
    assert not any(account in json.dumps(lines) for account in ACCOUNTS)


def test_replayed_messages_go_back_to_their_queue(invoke: Invoke, payment: dict[str, Any]) -> None:
    records = [
        {
            "messageId": f"m{number}",
            "eventSource": "aws:sqs",
            "body": json.dumps(payment_event({**payment, "payment_id": f"pay-{number}"})),
        }
        for number in (1, 2)
    ]
    assert invoke({"Records": records}) == {"batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}]}


@pytest.mark.parametrize(("task", "payment_id"), [("charge", "pending"), ("cancel", "taken"), ("publish", "taken")])
def test_task_that_writes_fails_so_that_the_workflow_tries_it_again(
    invoke: Invoke, replica: LedgerServer, deployment: PaymentAccount, task: str, payment_id: str
) -> None:
    with pytest.raises(LedgerUnavailableError, match="once it is promoted") as failed:
        invoke({"task": task, "payment_id": payment_id})
    assert type(failed.value).__name__ in TRANSIENT_ERRORS
    assert replica.statuses() == {"taken": "COMMITTED", "pending": "PENDING_APPROVAL"}
    assert deployment.published() == []


def test_task_that_reads_and_token_of_an_approver_need_no_writer(
    invoke: Invoke, replica: LedgerServer, connections: list[str], deployment: PaymentAccount
) -> None:
    assert replica
    assert invoke({"task": "check-pending", "payment_id": "pending"})["status"] == "PENDING_APPROVAL"
    assert invoke({"task": "request-approval", "payment_id": "pending", "task_token": "token"})
    assert [item["task_token"] for item in deployment.items()] == [{"S": "token"}]
    assert connections == [READER]


def test_relay_publishes_nothing_and_measures_what_waits_through_the_reader(
    invoke: Invoke, replica: LedgerServer, connections: list[str], deployment: PaymentAccount, output: Output
) -> None:
    assert invoke({"task": "relay-outbox"}) == {"published": 0, "left": 2}
    assert connections == [READER]
    assert deployment.published() == []
    assert len(replica.waiting()) == 2
    ((waiting,),) = counted(lines := output(), "OutboxEvents")
    ((age,),) = counted(lines, "OutboxOldestSeconds")
    assert waiting == 2
    assert age >= 60


def test_payment_is_looked_up_through_the_reader(call: Any, replica: LedgerServer, connections: list[str]) -> None:
    assert replica
    found = call("GET", "/payments/taken")
    assert (found.status, found.answer["amount"]) == (200, "12.50")
    assert call("GET", "/payments/pending").status == 202
    assert call("GET", "/payments/unknown").status == 404
    assert connections == [READER]


def test_deep_health_tells_the_role_and_needs_no_writer(
    call: Any, replica: LedgerServer, connections: list[str], deployment: PaymentAccount
) -> None:
    assert replica
    well = call("GET", DEEP_HEALTH_PATH)
    assert (well.status, well.answer) == (200, {"status": "ok", "role": "secondary"})
    assert connections == [READER]
    deployment.ssm.delete_parameter(Name="/payment/test/payments/amount_limit")
    ill = call("GET", DEEP_HEALTH_PATH)
    assert ill.answer == {"status": "unavailable", "failed": ["configuration"], "role": "secondary"}
    assert ill.status == 503


def test_deep_health_without_a_role_says_that_it_fails(call: Any, deployment: PaymentAccount) -> None:
    deployment.ssm.delete_parameter(Name=ROLE_PARAMETER)
    assert call("GET", DEEP_HEALTH_PATH).answer == {"status": "unavailable", "failed": ["role", "ledger"]}


def test_health_checker_without_a_signature_learns_nothing_of_the_role_and_touches_nothing(
    call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html"""
    for service in ("ssm", "ssm_for_switches", "dynamodb", "events", "secretsmanager", "stepfunctions"):
        monkeypatch.setattr(clients, service, None)
    context = {"http": {"method": "GET", "path": HEALTH_PATH}, "requestId": "request-1", "stage": "$default"}
    assert "authorizer" not in context
    headers = {"user-agent": "Amazon-Route53-Health-Check-Service (ref 1; report http://amzn.to/1vsZADi)"}
    result = call("GET", HEALTH_PATH, requestContext=context, headers=headers)
    assert result.status == 200
    assert result.answer == {
        "status": "ok",
        "region": "eu-west-1",
        "environment_suffix": "test",
        "version": "unknown",
    }
