"""A Region whose role changes under a process that runs: promoted, fenced, or without a role for a while."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import EndpointConnectionError
from pymysql.err import OperationalError

import payment_processor
from payments import clients
from payments.credentials import Login
from payments.database import Database
from payments.engines import mysql
from payments.http import DEEP_HEALTH_PATH
from payments.regional_database import RegionalDatabase
from tests.unit.payment_system.ledger_server import READER, WRITER, LedgerServer, database_at
from tests.unit.payment_system.payment_account import PaymentAccount

Output = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def use_databases(secondary: PaymentAccount, monkeypatch: pytest.MonkeyPatch) -> Callable[[Database, Database], None]:
    """Gives the function this writer and this reader."""
    assert secondary

    def use(writer: Database, reader: Database) -> None:
        role = payment_processor.switches().role
        assert role is not None
        regional = RegionalDatabase(writer=writer, reader=reader, role=role)
        monkeypatch.setattr(payment_processor, "_database", cache(lambda: regional))

    return use


def silent_ssm() -> Any:
    silent = Mock()
    silent.get_parameters.side_effect = EndpointConnectionError(endpoint_url="https://ssm.eu-west-1.amazonaws.com")
    return silent


def gone() -> Database:
    # Port 1 (tcpmux) is one that nobody listens on.
    return database_at(1, retry_seconds=0.2)


def test_promoted_region_takes_payments_in_the_same_process_over_the_writer(
    post: Any,
    call: Any,
    secondary: PaymentAccount,
    ledger_rows: LedgerServer,
    connections: list[str],
    payment: dict[str, Any],
) -> None:
    assert post(payment).status == 503
    assert call("GET", "/payments/pay-1").status == 404
    assert connections == [READER]
    secondary.set_role("primary")
    taken = post(payment)
    assert taken.status == 200
    assert ledger_rows.statuses() == {"pay-1": "COMMITTED"}
    assert len(secondary.published()) == 1
    assert call("GET", "/payments/pay-1").answer == taken.answer
    assert call("GET", DEEP_HEALTH_PATH).answer == {"status": "ok", "role": "primary"}
    assert set(connections[1:]) == {WRITER}


def test_promoted_region_relays_what_the_other_one_left_behind(
    post: Any, invoke: Any, secondary: PaymentAccount, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> None:
    secondary.set_role("primary")
    secondary.lose_bus()
    assert post(payment).status == 200
    secondary.make_bus()
    ledger_rows.let_time_pass(seconds=60)
    secondary.set_role("secondary")
    assert invoke({"task": "relay-outbox"}) == {"published": 0, "left": 1}
    secondary.set_role("primary")
    assert invoke({"task": "relay-outbox"}) == {"published": 1, "left": 0}
    assert [event["detail"]["payment_id"] for event in secondary.published()] == ["pay-1"]


def test_fenced_region_takes_no_more_payments_though_its_writer_would(
    post: Any, call: Any, secondary: PaymentAccount, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> None:
    secondary.set_role("primary")
    answer = post(payment).answer
    secondary.set_role("secondary")
    for payment_id in ("pay-1", "pay-2"):
        assert post({**payment, "payment_id": payment_id}).answer["reason"] == "Region is secondary"
    assert ledger_rows.statuses() == {"pay-1": "COMMITTED"}
    assert call("GET", "/payments/pay-1").answer == answer


def test_database_that_is_not_promoted_yet_is_an_unavailable_ledger(
    post: Any,
    secondary: PaymentAccount,
    ledger_rows: LedgerServer,
    use_databases: Callable[[Database, Database], None],
    payment: dict[str, Any],
    output: Output,
) -> None:
    secondary.set_role("primary")
    use_databases(ledger_rows.database(retry_seconds=0.2), gone())
    ledger_rows.server.set_read_only(True)
    refused = post(payment)
    ledger_rows.server.set_read_only(False)
    assert (refused.status, refused.answer["message"]) == (503, "Service unavailable")
    assert "OperationalError 1290" in [line.get("error") for line in output()]
    assert post(payment).status == 200


def test_answer_comes_from_the_session_while_the_reader_is_away(
    post: Any,
    call: Any,
    secondary: PaymentAccount,
    ledger_rows: LedgerServer,
    use_databases: Callable[[Database, Database], None],
    payment: dict[str, Any],
) -> None:
    use_databases(ledger_rows.database(), gone())
    secondary.set_role("primary")
    answer = post(payment).answer
    secondary.set_role("secondary")
    found = call("GET", "/payments/pay-1")
    assert (found.status, found.answer, found.headers["x-answered-by"]) == (200, answer, "session")
    assert call("GET", "/payments/pay-2").status == 503
    assert call("GET", DEEP_HEALTH_PATH).answer == {"status": "unavailable", "failed": ["ledger"], "role": "secondary"}


def test_region_that_never_learned_its_role_refuses_payments_as_unavailable(
    post: Any, call: Any, secondary: PaymentAccount, payment: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "ssm_for_switches", lambda _region: silent_ssm())
    assert secondary
    began = time.monotonic()
    refused = post(payment)
    assert time.monotonic() - began < 2
    assert (refused.status, refused.headers["retry-after"]) == (503, "2")
    assert refused.answer == {"message": "Service unavailable", "request_id": "request-1"}
    assert call("GET", "/payments/pay-1").status == 503


def test_role_that_is_none_is_a_fault_that_the_log_names(
    post: Any, secondary: PaymentAccount, payment: dict[str, Any], output: Output
) -> None:
    secondary.set_role("both")
    assert post(payment).status == 500
    logged = next(line for line in output() if line.get("message") == "request failed")
    assert "/payment/test/region/role is 'both'; primary or secondary is expected" in logged["exception"]


def test_token_is_signed_for_the_host_that_is_connected_to(
    post: Any, call: Any, secondary: PaymentAccount, payment: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_AUTHENTICATION", "iam")
    signed = []

    def connect(*, login: Login, **_place: object) -> None:
        signed.append(login.password.partition(":")[0])
        raise OperationalError(1146, "enough")

    monkeypatch.setattr(mysql, "connect", connect)
    assert call("GET", "/payments/pay-1").status == 500
    secondary.set_role("primary")
    assert post(payment).status == 500
    assert signed == [READER, WRITER]


@pytest.mark.usefixtures("deployment")
def test_environment_in_one_region_has_no_role_and_asks_for_none(
    post: Any, call: Any, payment: dict[str, Any], connections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "ssm_for_switches", None)
    assert post(payment).status == 200
    assert call("GET", "/payments/pay-1").status == 200
    assert call("GET", DEEP_HEALTH_PATH).answer == {"status": "ok"}
    assert set(connections) == {WRITER}
