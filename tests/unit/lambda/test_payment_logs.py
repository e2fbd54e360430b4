"""What the function says about itself: logs and metrics that tell what happened, and never whose account it was."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from payments.observability import publish_metrics
from tests.unit.payment_system.payment_account import PaymentAccount
from tests.unit.payment_system.sample_payments import ACCOUNTS, PAYER

Output = Callable[[], list[dict[str, Any]]]

pytestmark = pytest.mark.usefixtures("deployment")


def counted(lines: list[dict[str, Any]], metric: str) -> list[list[float]]:
    return [line[metric] for line in lines if metric in line]


def test_logs_and_metrics_say_what_happened(post: Any, payment: dict[str, Any], output: Output) -> None:
    post(payment)
    post(payment)
    post({**payment, "amount": "0"})
    post({**payment, "amount": "13"})
    lines = output()
    logged = [line for line in lines if "message" in line]
    assert [line["message"] for line in logged] == [*["payment recorded"] * 2, *["payment refused"] * 2]
    assert [line["repeated"] for line in logged[:2]] == [False, True]
    assert [line["reason"] for line in logged[2:]] == ["Invalid amount", "payment_id was used for another payment"]
    assert {line["correlation_id"] for line in logged} == {"request-1"}
    assert counted(lines, "PaymentsCommitted") == [[1.0]]
    assert counted(lines, "PaymentsRepeated") == [[1.0]]
    assert counted(lines, "PaymentsRefused") == [[1.0]] * 2


def test_payment_that_waits_for_approval_is_counted_as_such(
    post: Any, deployment: PaymentAccount, payment: dict[str, Any], output: Output
) -> None:
    deployment.make_workflow()
    deployment.set_parameter("payments/approval_threshold", "10")
    post(payment)
    lines = output()
    assert counted(lines, "PaymentsPending") == [[1.0]]
    assert counted(lines, "PaymentsCommitted") == []


def test_logged_accounts_can_be_told_apart_but_not_read(post: Any, payment: dict[str, Any], output: Output) -> None:
    post(payment)
    post({**payment, "payment_id": "pay-2"})
    first, second = [line for line in output() if line.get("message") == "payment recorded"]
    assert first["payer"] == second["payer"] != first["payee"]
    assert len(first["payer"]) == 16


@pytest.mark.parametrize("variable", ["", "true"])
def test_account_numbers_are_nowhere_but_in_the_ledger(
    post: Any,
    call: Any,
    invoke: Any,
    deployment: PaymentAccount,
    payment: dict[str, Any],
    output: Output,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.setenv("POWERTOOLS_LOGGER_LOG_EVENT", variable)
    deployment.make_workflow()
    deployment.set_parameter("payments/approval_threshold", "100")
    answers = [
        post(payment).answer,
        post(payment).answer,
        post({**payment, "amount": "0"}).answer,
        post({**payment, "payee_account": PAYER}).answer,
        post({**payment, "amount": "14"}).answer,
        post({**payment, "payment_id": "pay-2", "amount": "101"}).answer,
        call("GET", "/payments/pay-2").answer,
        invoke({"task": "check-pending", "payment_id": "pay-2"}),
        invoke({"task": "cancel", "payment_id": "pay-2"}),
        invoke({"task": "charge", "payment_id": "pay-1"}),
        invoke({"Records": [{"messageId": "m", "eventSource": "aws:sqs", "body": json.dumps(payment)}]}),
    ]
    # Its answer names the unknown field, to the client that sent it.
    assert post({**payment, PAYER: 1}).status == 400
    published = deployment.published()
    assert len(published) == 2
    for place in (answers, published, deployment.items(), output()):
        assert place
        assert not any(account in json.dumps(place) for account in ACCOUNTS)


def test_nothing_is_written_when_nothing_was_counted(capsys: pytest.CaptureFixture[str]) -> None:
    publish_metrics()
    assert capsys.readouterr().out == ""
