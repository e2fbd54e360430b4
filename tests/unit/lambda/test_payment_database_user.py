"""The application's user: what it may do, how it logs in, and that it exists after a deployment."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

import pytest
from pymysql.err import MySQLError, OperationalError

import payment_migrations
from payments.credentials import Login
from payments.ledger import Ledger
from payments.migrations import ensure_user
from tests.unit.payment_system.ledger_server import APPLICATION, MASTER, NAME, LedgerServer
from tests.unit.payment_system.payment_account import MASTER_SECRET, PaymentAccount, secret_text
from tests.unit.payment_system.sample_payments import record, valid_payment

NEW_PASSWORD = Login(APPLICATION.user, "another 'password'")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger_entries",
        "UPDATE ledger_entries SET amount = 1",
        "DELETE FROM payments",
        "UPDATE payments SET amount = 1",
        "UPDATE payments SET answer = '{}'",
        "UPDATE outbox SET detail = '{}'",
        "SELECT * FROM schema_migrations",
        "DROP TABLE outbox",
        "CREATE TABLE mine (a INT)",
        "CREATE USER other",
    ],
)
def test_application_cannot_rewrite_the_ledger(ledger: Ledger, ledger_rows: LedgerServer, statement: str) -> None:
    record(ledger, valid_payment())
    with (
        ledger_rows.connection(APPLICATION) as connection,
        connection.cursor() as cursor,
        pytest.raises(OperationalError, match="denied"),
    ):
        cursor.execute(statement)


def test_users_must_come_over_tls(ledger_server: LedgerServer) -> None:
    for user in (APPLICATION.user, MASTER.user):
        ((kind,),) = ledger_server.execute("SELECT ssl_type FROM mysql.user WHERE user = %s", user)
        assert kind in ("ANY", b"ANY")


@pytest.fixture
def changed_password(ledger_rows: LedgerServer) -> Iterator[LedgerServer]:
    with ledger_rows.connection(MASTER) as master:
        ensure_user(master, APPLICATION.user, NEW_PASSWORD)
    yield ledger_rows
    with ledger_rows.connection(MASTER) as master:
        ensure_user(master, APPLICATION.user, APPLICATION)


def test_changed_password_replaces_the_one_of_before(changed_password: LedgerServer) -> None:
    Ledger(changed_password.database(NEW_PASSWORD)).check()
    with pytest.raises(OperationalError, match="Access denied"):
        changed_password.database(APPLICATION).connect()


class RecordingConnection:
    """Notes the statements, as a database would that knows them all."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, tuple[object, ...]]] = []
        self.committed = 0
        self.second_passwords = MySQLError()

    def cursor(self) -> "AbstractContextManager[RecordingConnection]":
        return nullcontext(self)

    def execute(self, sql: str, values: tuple[object, ...]) -> None:
        if "RETAIN" in sql and self.second_passwords.args:
            raise self.second_passwords
        self.statements.append((sql.replace("%%", "%"), values))

    def commit(self) -> None:
        self.committed += 1


def test_user_without_a_password_authenticates_with_iam_over_tls() -> None:
    aurora = RecordingConnection()
    ensure_user(cast("Any", aurora), "payment_app", None)
    assert aurora.statements[:2] == [
        ("CREATE USER IF NOT EXISTS %s@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS'", ("payment_app",)),
        ("ALTER USER %s@'%' REQUIRE SSL", ("payment_app",)),
    ]
    assert [sql.partition(" ")[0] for sql, _ in aurora.statements[2:]] == ["GRANT"] * 3
    assert aurora.committed == 1


def test_database_that_can_keeps_the_password_of_before_valid() -> None:
    aurora = RecordingConnection()
    ensure_user(cast("Any", aurora), "payment_app", NEW_PASSWORD)
    assert (
        "ALTER USER %s@'%' IDENTIFIED BY %s RETAIN CURRENT PASSWORD",
        ("payment_app", NEW_PASSWORD.password),
    ) in aurora.statements
    assert [sql for sql, _ in aurora.statements if sql.endswith("IDENTIFIED BY %s")] == [
        "CREATE USER IF NOT EXISTS %s@'%' IDENTIFIED BY %s"
    ]


@pytest.mark.parametrize("code", [1064, 1227])
def test_database_that_cannot_gets_the_new_password_alone(code: int) -> None:
    database = RecordingConnection()
    database.second_passwords = OperationalError(code, "no second passwords here")
    ensure_user(cast("Any", database), "payment_app", NEW_PASSWORD)
    assert ("ALTER USER %s@'%' IDENTIFIED BY %s", ("payment_app", NEW_PASSWORD.password)) in database.statements
    assert database.committed == 1


def test_other_fault_while_the_password_is_set_is_not_hidden() -> None:
    database = RecordingConnection()
    database.second_passwords = OperationalError(1819, "the password does not satisfy the policy")
    with pytest.raises(OperationalError, match="policy"):
        ensure_user(cast("Any", database), "payment_app", NEW_PASSWORD)
    assert database.committed == 0


@pytest.fixture
def deploy(
    account: PaymentAccount, ledger_server: LedgerServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], dict[str, object]]]:
    """Calls the migrations' function, as a deployment does, for a database that is empty at first."""

    class Context:
        function_name = "payment-migrations-test"
        memory_limit_in_mb = 256
        invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:payment-migrations-test"
        aws_request_id = "11111111-2222-3333-4444-555555555555"

    ledger_server.execute("CREATE DATABASE deployed")
    account.secretsmanager.create_secret(Name=MASTER_SECRET, SecretString=secret_text(MASTER))
    for name, value in {
        "DB_NAME": "deployed",
        "DB_PORT": str(ledger_server.server.port),
        "DB_USER": "deployed_app",
        "DB_MASTER_SECRET_ARN": MASTER_SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    account.rotate(Login("deployed_app", "first"))
    yield lambda: payment_migrations.handler({}, cast("Any", Context()))
    ledger_server.execute("DROP DATABASE deployed")
    ledger_server.execute("DROP USER IF EXISTS deployed_app")


def test_deployment_makes_schema_and_user_and_the_second_one_changes_nothing(
    deploy: Callable[[], dict[str, object]], ledger_server: LedgerServer
) -> None:
    assert deploy() == {"applied": ["0001_ledger"], "version": "0001_ledger"}
    assert deploy() == {"applied": [], "version": "0001_ledger"}
    ledger = Ledger(ledger_server.database(Login("deployed_app", "first"), name="deployed"))
    assert not record(ledger, valid_payment()).repeated
    with pytest.raises(OperationalError, match="denied"):
        ledger_server.database(Login("deployed_app", "first"), name=NAME).connect()


def test_deployment_after_a_rotation_gives_the_user_its_new_password(
    deploy: Callable[[], dict[str, object]], account: PaymentAccount, ledger_server: LedgerServer
) -> None:
    deploy()
    second = Login("deployed_app", "second")
    account.rotate(second)
    deploy()
    Ledger(ledger_server.database(second, name="deployed")).check()


def test_deployment_with_iam_gives_the_user_no_password(
    deploy: Callable[[], dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setenv("DB_AUTHENTICATION", "iam")
    monkeypatch.setenv("DB_SECRET_ARN", "")
    monkeypatch.setattr(payment_migrations, "ensure_user", lambda _connection, user, login: made.append((user, login)))
    deploy()
    assert made == [("deployed_app", None)]


def test_passwords_are_not_logged(
    deploy: Callable[[], dict[str, object]], output: Callable[[], list[dict[str, Any]]]
) -> None:
    deploy()
    (logged,) = output()
    assert (logged["message"], logged["version"]) == ("schema is up to date", "0001_ledger")
    for password in ("first", MASTER.password):
        assert password not in json.dumps(logged)
