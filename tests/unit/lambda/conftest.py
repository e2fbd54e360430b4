"""A payment system on this computer: the ledger in a real database, AWS in memory, the function as it is deployed."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import pymysql
import pytest

import payment_processor
from payments import clients, switches
from payments.database import Database
from payments.ledger import Ledger
from payments.observability import logger, metrics
from payments.outbox import Outbox
from tests.unit.payment_system import payment_account
from tests.unit.payment_system.drivers import DRIVERS, Driver
from tests.unit.payment_system.ledger_fixtures import engine, ledger_rows, ledger_server, started_server
from tests.unit.payment_system.ledger_server import APPLICATION, NAME, READER, WRITER, LedgerServer, database_at
from tests.unit.payment_system.payment_account import PaymentAccount
from tests.unit.payment_system.sample_payments import payment_document

__all__ = ["engine", "ledger_rows", "ledger_server", "started_server"]

Invoke = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class LambdaContext:
    """What Lambda tells a handler about its invocation."""

    function_name: str = "payment-processor-test"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:payment-processor-test:live"
    aws_request_id: str = "11111111-2222-3333-4444-555555555555"


@dataclass(frozen=True)
class Reply:
    """What an API client sees."""

    status: int
    headers: dict[str, str]
    answer: dict[str, Any]


Call = Callable[..., Reply]


@pytest.fixture
def driver(engine: str) -> Driver:
    return DRIVERS[engine]


@pytest.fixture
def database(ledger_rows: LedgerServer) -> Iterator[Database]:
    database = ledger_rows.database()
    yield database
    database.close()


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The function's environment; the database's port is nobody's until `deployment` gives the ledger's."""
    values = {
        "REGION": payment_account.REGION,
        "ENVIRONMENT_SUFFIX": "test",
        "DB_ENDPOINT": WRITER,
        "DB_PORT": "1",
        "DB_NAME": NAME,
        "DB_USER": APPLICATION.user,
        "DB_AUTHENTICATION": "secret",
        "DB_SECRET_ARN": payment_account.SECRET,
        "DYNAMODB_TABLE": payment_account.TABLE,
        "EVENT_BUS_NAME": payment_account.BUS,
        "APPROVAL_STATE_MACHINE_ARN": payment_account.STATE_MACHINE_ARN,
        "CONFIGURATION_PATH": payment_account.PATH,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    for name in (
        *("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_LAMBDA_FUNCTION_VERSION"),
        *("AWS_LAMBDA_RUNTIME_API", "POWERTOOLS_PARAMETERS_MAX_AGE", "_X_AMZN_TRACE_ID"),
        *("REGION_ROLE_PARAMETER", "DB_READER_ENDPOINT", "WRITES_PARAMETER"),
    ):
        monkeypatch.delenv(name, raising=False)
    return values


@pytest.fixture(scope="module")
def account_in_memory() -> Iterator[PaymentAccount]:
    """Its clients are slow to make, so that the tests of a module share them."""
    with PaymentAccount.in_memory() as account:
        yield account


@pytest.fixture
def account(
    variables: dict[str, str], account_in_memory: PaymentAccount, monkeypatch: pytest.MonkeyPatch
) -> PaymentAccount:
    """The AWS side of one environment, as a deployment leaves it, used by the payment library."""
    assert variables["REGION"] == payment_account.REGION
    account_in_memory.deploy(APPLICATION)
    for service in ("dynamodb", "ssm", "events", "secretsmanager", "stepfunctions"):
        monkeypatch.setattr(clients, service, {payment_account.REGION: getattr(account_in_memory, service)}.__getitem__)
    monkeypatch.setattr(clients, "ssm_for_switches", {payment_account.REGION: account_in_memory.ssm}.__getitem__)
    return account_in_memory


@pytest.fixture
def deployment(
    account: PaymentAccount, ledger_rows: LedgerServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PaymentAccount]:
    """The function's new process in a deployed environment."""
    monkeypatch.setenv("DB_PORT", str(ledger_rows.server.port))
    monkeypatch.setenv("DB_ENGINE", ledger_rows.engine)
    forget_process_state()
    yield account
    forget_process_state()


@pytest.fixture
def secondary(deployment: PaymentAccount, monkeypatch: pytest.MonkeyPatch) -> PaymentAccount:
    """The function's new process in a secondary Region, which sees each change of its role at once."""
    monkeypatch.setenv("REGION_ROLE_PARAMETER", payment_account.ROLE_PARAMETER)
    monkeypatch.setenv("DB_READER_ENDPOINT", READER)
    monkeypatch.setattr(switches, "TRUSTED_SECONDS", 0.0)
    deployment.set_role("secondary")
    return deployment


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts that the function connects to, in their order."""
    hosts, connect = [], pymysql.connect

    def note(**arguments: Any) -> Any:
        if "host" in arguments:
            hosts.append(arguments["host"])
        return connect(**arguments)

    monkeypatch.setattr(pymysql, "connect", note)
    return hosts


def forget_process_state() -> None:
    """What a new process would not have: clients, caches, connections, uncounted metrics."""
    follow_up()
    if payment_processor._database.cache_info().currsize:
        payment_processor._database().close()
    for made_once in vars(payment_processor).values():
        if hasattr(made_once, "cache_clear"):
            made_once.cache_clear()
    metrics.clear_metrics()


def follow_up() -> None:
    """Waits for what the function does after its answers."""
    if payment_processor.payment_service.cache_info().currsize:
        assert payment_processor.payment_service().after_answer.wait(10)


@pytest.fixture
def after_answer() -> Callable[[], None]:
    """Waits for what the function does after its answers."""
    return follow_up


@pytest.fixture
def unreachable_ledger(deployment: PaymentAccount, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Takes the database away from the function, which gives up soon."""
    assert deployment

    def take_away() -> None:
        forget_process_state()
        # Port 1 (tcpmux) is one that nobody listens on.
        gone = database_at(1, retry_seconds=0.2)
        monkeypatch.setattr(payment_processor, "_database", cache(lambda: gone))

    return take_away


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """Gives the lines that the function has written: its logs, then its metrics."""
    logs = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", logs)
    return lambda: [json.loads(line) for line in (logs.getvalue() + capsys.readouterr().out).splitlines()]


def http_event(method: str, path: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "headers": {"Content-Type": "application/json"},
        "requestContext": {"http": {"method": method, "path": path}, "requestId": "request-1", "stage": "$default"},
        "body": None,
        "isBase64Encoded": False,
    }


@pytest.fixture
def invoke() -> Invoke:
    """Invokes the function, and waits for what it does after its answer."""

    def invoke(event: dict[str, Any]) -> dict[str, Any]:
        try:
            return payment_processor.handler(event, cast("Any", LambdaContext()))
        finally:
            follow_up()

    return invoke


@pytest.fixture
def call(invoke: Invoke) -> Call:
    """Calls the API; keywords replace parts of the event."""

    def send(method: str, path: str, /, **changes: Any) -> Reply:
        result = invoke({**http_event(method, path), **changes})
        return Reply(result["statusCode"], result["headers"], json.loads(result["body"]))

    return send


@pytest.fixture
def post(call: Call) -> Call:
    """Posts a body, as text or as what becomes JSON; keywords replace parts of the event."""

    def send(sent: object, /, **changes: Any) -> Reply:
        return call("POST", "/payments", **{"body": sent if isinstance(sent, str) else json.dumps(sent), **changes})

    return send


@pytest.fixture
def payment() -> dict[str, Any]:
    """A payment as a client sends it."""
    return payment_document()
