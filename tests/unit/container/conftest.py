"""The service in one process: the ledger in a real MariaDB, AWS in memory, requests through its ASGI interface."""

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from lib.container.payment_service.authorization import SharedKey
from lib.container.payment_service.composition import Parts, composed
from lib.container.payment_service.front import Front
from lib.container.payment_service.workers import Workers
from payments import clients
from payments.environment import RuntimeEnvironment
from payments.observability import logger, metrics
from tests.unit.payment_system import payment_account
from tests.unit.payment_system.ledger_fixtures import engine, ledger_rows, ledger_server, started_server
from tests.unit.payment_system.ledger_server import APPLICATION, NAME, WRITER, LedgerServer
from tests.unit.payment_system.payment_account import PaymentAccount

__all__ = ["engine", "ledger_rows", "ledger_server", "started_server"]

API_KEY = "a-key-of-the-tests-0123456789-0123456789"
API_KEY_SECRET = "payment-api-key-test"
AFTER_ANSWER_SECONDS = 10


@dataclass(frozen=True)
class Reply:
    """What a client sees."""

    status: int
    headers: httpx.Headers
    answer: dict[str, Any]


Call = Callable[..., Reply]


@pytest.fixture
def variables(engine: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The service's environment; the database's port is nobody's until `deployment` gives the ledger's."""
    values = {
        "REGION": payment_account.REGION,
        "ENVIRONMENT_SUFFIX": "test",
        "DB_ENGINE": engine,
        "DB_ENDPOINT": WRITER,
        "DB_PORT": "1",
        "DB_NAME": NAME,
        "DB_USER": APPLICATION.user,
        "DB_AUTHENTICATION": "secret",
        "DB_SECRET_ARN": payment_account.SECRET,
        "DYNAMODB_TABLE": payment_account.TABLE,
        "EVENT_BUS_NAME": payment_account.BUS,
        "CONFIGURATION_PATH": payment_account.PATH,
        "SERVICE_VERSION": "7",
        "SERVICE_DRAIN_SECONDS": "0",
        "API_KEY_SECRET_ARN": API_KEY_SECRET,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    for name in (
        *("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_XRAY_DAEMON_ADDRESS"),
        *("POWERTOOLS_PARAMETERS_MAX_AGE", "REGION_ROLE_PARAMETER", "WRITES_PARAMETER", "DB_READER_ENDPOINT"),
        *("API_JWT_ISSUER", "API_JWT_AUDIENCE", "PAYMENT_QUEUE_URL"),
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
    account_in_memory.secretsmanager.create_secret(Name=API_KEY_SECRET, SecretString=API_KEY)
    for service in ("dynamodb", "ssm", "events", "secretsmanager", "stepfunctions"):
        monkeypatch.setattr(clients, service, {payment_account.REGION: getattr(account_in_memory, service)}.__getitem__)
    monkeypatch.setattr(clients, "ssm_for_switches", {payment_account.REGION: account_in_memory.ssm}.__getitem__)
    return account_in_memory


@pytest.fixture
def deployment(
    account: PaymentAccount, variables: dict[str, str], ledger_rows: LedgerServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PaymentAccount]:
    """A deployed environment."""
    variables["DB_PORT"] = str(ledger_rows.server.port)
    monkeypatch.setenv("DB_PORT", variables["DB_PORT"])
    metrics.clear_metrics()
    yield account
    metrics.clear_metrics()


@pytest.fixture
def parts(deployment: PaymentAccount, variables: dict[str, str]) -> Iterator[Parts]:
    """The payment library's parts in a deployed environment."""
    assert deployment
    parts = composed(RuntimeEnvironment.from_variables(variables), version="7")
    yield parts
    assert parts.service.after_answer.wait(AFTER_ANSWER_SECONDS)
    parts.database.close()


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers(threads=2, waiting=2)
    yield workers
    workers.close()


@pytest.fixture
def front(parts: Parts, deployment: PaymentAccount, workers: Workers) -> Front:
    """The service's front, whose callers have the shared key."""
    return Front(
        api=parts.api,
        authorizer=SharedKey(client=deployment.secretsmanager, secret_arn=API_KEY_SECRET, max_age=300),
        workers=workers,
        answered=parts.service.after_answer.begin,
    )


async def ask(front: Front, method: str, path: str, **request: Any) -> Reply:
    """One request with the key, unless other headers are given."""
    headers = {"x-api-key": API_KEY, **request.pop("headers", {})}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=front), base_url="http://payments.test") as client:
        response = await client.request(method, path, headers=headers, **request)
    return Reply(response.status_code, response.headers, response.json())


@pytest.fixture
def call(front: Front) -> Call:
    """Calls the service; keywords are those of httpx."""
    return lambda method, path, **request: asyncio.run(ask(front, method, path, **request))


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """Gives the lines that the service has written: its logs, then its metrics."""
    logs = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", logs)
    return lambda: [json.loads(line) for line in (logs.getvalue() + capsys.readouterr().out).splitlines()]
