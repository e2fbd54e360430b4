"""The application's user: what it may do, how it logs in, and that it exists after a deployment."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

import pytest
from pymysql.err import MySQLError, OperationalError

import payment_migrations
from payments.credentials import Login
from payments.engines import AURORA_POSTGRESQL, mysql_schema, schema_of
from payments.ledger import Ledger
from payments.migrations import ensure_user
from tests.unit.payment_system.drivers import Driver, both_engines
from tests.unit.payment_system.ledger_server import APPLICATION, MASTER, NAME, LedgerServer
from tests.unit.payment_system.payment_account import MASTER_SECRET, PaymentAccount, secret_text
from tests.unit.payment_system.sample_payments import record, valid_payment

NEW_PASSWORD = Login(APPLICATION.user, "another 'password'")


@both_engines
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
        "TRUNCATE TABLE outbox",
        "CREATE TABLE mine (a INT)",
        "CREATE TEMPORARY TABLE mine (a INT)",
        "CREATE USER other",
    ],
)
def test_application_cannot_rewrite_the_ledger(
    ledger: Ledger, ledger_rows: LedgerServer, driver: Driver, statement: str
) -> None:
    record(ledger, valid_payment())
    with (
        ledger_rows.connection(APPLICATION) as connection,
        connection.cursor() as cursor,
        pytest.raises(driver.error, match=driver.denied),
    ):
        cursor.execute(statement)


def test_users_must_come_over_tls(ledger_server: LedgerServer) -> None:
    for user in (APPLICATION.user, MASTER.user):
        ((kind,),) = ledger_server.execute("SELECT ssl_type FROM mysql.user WHERE user = %s", user)
        assert kind in ("ANY", b"ANY")


@pytest.fixture
def changed_password(ledger_rows: LedgerServer) -> Iterator[LedgerServer]:
    ensure(ledger_rows, NEW_PASSWORD)
    yield ledger_rows
    ensure(ledger_rows, APPLICATION)


def ensure(server: LedgerServer, login: Login | None) -> None:
    """Makes the application's user as the migrations do."""
    with server.connection(MASTER) as master:
        ensure_user(master, schema_of(server.engine), APPLICATION.user, login)


@both_engines
def test_changed_password_replaces_the_one_of_before(changed_password: LedgerServer, driver: Driver) -> None:
    Ledger(changed_password.database(NEW_PASSWORD)).check()
    with pytest.raises(driver.error, match=r"Access denied|authentication failed"):
        changed_password.database(APPLICATION).connect()


@pytest.mark.parametrize("engine", [AURORA_POSTGRESQL], indirect=True)
def test_user_of_postgresql_has_the_role_for_iam_or_a_password(changed_password: LedgerServer) -> None:
    state = (
        "SELECT rolpassword, pg_has_role(oid, 'rds_iam', 'MEMBER'), rolsuper OR rolcreatedb OR rolcreaterole"
        " FROM pg_authid WHERE rolname = %s"
    )
    for _ in range(2):
        ensure(changed_password, None)
        assert changed_password.execute(state, APPLICATION.user) == [(None, True, False)]
    ensure(changed_password, NEW_PASSWORD)
    ((verifier, *rest),) = changed_password.execute(state, APPLICATION.user)
    assert verifier.startswith("SCRAM-SHA-256$")
    assert rest == [False, False]


@pytest.mark.parametrize("engine", [AURORA_POSTGRESQL], indirect=True)
def test_password_is_in_no_statement_that_postgresql_could_log(
    changed_password: LedgerServer, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute, statements = driver.cursor.execute, []

    def note(cursor: Any, statement: str, values: Any = None) -> Any:
        statements.append(f"{statement} {values}")
        return execute(cursor, statement, values)

    monkeypatch.setattr(driver.cursor, "execute", note)
    ensure(changed_password, NEW_PASSWORD)
    assert any("ALTER ROLE" in statement for statement in statements)
    assert not any("another" in statement for statement in statements)


class RecordingConnection:
    """Notes the statements, as MySQL would that knows them all."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, tuple[object, ...]]] = []
        self.committed = 0
        self.second_passwords = MySQLError()

    def cursor(self) -> "AbstractContextManager[RecordingConnection]":
        return nullcontext(self)

    def fetchone(self) -> tuple[int]:
        return (1,)

    def rollback(self) -> None:
        pass

    def execute(self, sql: str, values: tuple[object, ...]) -> None:
        if "RETAIN" in sql and self.second_passwords.args:
            raise self.second_passwords
        self.statements.append((sql.replace("%%", "%"), values))

    def commit(self) -> None:
        self.committed += 1


def test_user_without_a_password_authenticates_with_iam_over_tls() -> None:
    aurora = RecordingConnection()
    ensure_user(cast("Any", aurora), mysql_schema, "payment_app", None)
    assert aurora.statements[1:3] == [
        ("CREATE USER IF NOT EXISTS %s@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS'", ("payment_app",)),
        ("ALTER USER %s@'%' REQUIRE SSL", ("payment_app",)),
    ]
    assert [sql.partition(" ")[0] for sql, _ in aurora.statements[3:-1]] == ["GRANT"] * 3
    assert aurora.committed == 1


def test_database_that_can_keeps_the_password_of_before_valid() -> None:
    aurora = RecordingConnection()
    ensure_user(cast("Any", aurora), mysql_schema, "payment_app", NEW_PASSWORD)
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
    ensure_user(cast("Any", database), mysql_schema, "payment_app", NEW_PASSWORD)
    assert ("ALTER USER %s@'%' IDENTIFIED BY %s", ("payment_app", NEW_PASSWORD.password)) in database.statements
    assert database.committed == 1


def test_other_fault_while_the_password_is_set_is_not_hidden() -> None:
    database = RecordingConnection()
    database.second_passwords = OperationalError(1819, "the password does not satisfy the policy")
    with pytest.raises(OperationalError, match="policy"):
        ensure_user(cast("Any", database), mysql_schema, "payment_app", NEW_PASSWORD)
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

    ledger_server.create_database("deployed")
    account.secretsmanager.create_secret(Name=MASTER_SECRET, SecretString=secret_text(MASTER))
    for name, value in {
        "DB_ENGINE": ledger_server.engine,
        "DB_NAME": "deployed",
        "DB_PORT": str(ledger_server.server.port),
        "DB_USER": "deployed_app",
        "DB_MASTER_SECRET_ARN": MASTER_SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    account.rotate(Login("deployed_app", "first"))
    yield lambda: payment_migrations.handler({}, cast("Any", Context()))
    ledger_server.drop_database("deployed")
    ledger_server.execute("DROP USER IF EXISTS deployed_app")


@both_engines
def test_deployment_makes_schema_and_user_and_the_second_one_changes_nothing(
    deploy: Callable[[], dict[str, object]], ledger_server: LedgerServer, driver: Driver
) -> None:
    assert deploy() == {"applied": ["0001_ledger"], "version": "0001_ledger"}
    assert deploy() == {"applied": [], "version": "0001_ledger"}
    ledger = Ledger(ledger_server.database(Login("deployed_app", "first"), name="deployed"))
    assert not record(ledger, valid_payment()).repeated
    with pytest.raises(driver.error, match=driver.denied):
        ledger_server.database(Login("deployed_app", "first"), name=NAME).connect()


@both_engines
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
    monkeypatch.setattr(
        payment_migrations, "ensure_user", lambda _connection, _schema, user, login: made.append((user, login))
    )
    deploy()
    assert made == [("deployed_app", None)]


@both_engines
def test_passwords_are_not_logged(
    deploy: Callable[[], dict[str, object]], output: Callable[[], list[dict[str, Any]]]
) -> None:
    deploy()
    (logged,) = output()
    assert (logged["message"], logged["version"]) == ("schema is up to date", "0001_ledger")
    for password in ("first", MASTER.password):
        assert password not in json.dumps(logged)
