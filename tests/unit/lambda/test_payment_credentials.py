"""Logging in to the database: with a secret that is rotated while it is used, or with a token of the role."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session, get_session

from payments import clients
from payments.credentials import CredentialsError, IamCredentials, Login, SecretCredentials
from payments.database import Database, LedgerUnavailableError
from tests.unit.payment_system.drivers import Driver, both_engines
from tests.unit.payment_system.ledger_server import APPLICATION, NAME, WRITER, LedgerServer
from tests.unit.payment_system.payment_account import REGION, SECRET, PaymentAccount, secret_text

OLD, NEW, NEWER = (Login("rotated_user", password) for password in ("old", "new's", "newer"))
HOST = "cluster.example.eu-west-1.rds.amazonaws.com"


@pytest.fixture
def secret(account: PaymentAccount) -> PaymentAccount:
    """The account, with a secret that was never rotated."""
    account.secretsmanager.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    account.secretsmanager.create_secret(Name=SECRET, SecretString=secret_text(OLD))
    return account


@pytest.fixture
def credentials(secret: PaymentAccount) -> SecretCredentials:
    return SecretCredentials(client=secret.secretsmanager, secret_arn=SECRET)


def test_secret_that_was_never_rotated_gives_its_one_login(credentials: SecretCredentials) -> None:
    assert list(credentials.logins()) == [OLD]


def test_login_is_cached(credentials: SecretCredentials, secret: PaymentAccount) -> None:
    assert next(credentials.logins()) == OLD
    secret.secretsmanager.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    assert next(credentials.logins()) == OLD


def test_rotated_secret_is_read_when_the_cached_login_is_not_taken(
    credentials: SecretCredentials, secret: PaymentAccount
) -> None:
    assert next(credentials.logins()) == OLD
    secret.rotate(NEW)
    logins = credentials.logins()
    assert [next(logins), next(logins)] == [OLD, NEW]
    assert next(credentials.logins()) == NEW


def test_previous_login_is_tried_last(credentials: SecretCredentials, secret: PaymentAccount) -> None:
    secret.rotate(NEW)
    secret.rotate(NEWER)
    assert list(credentials.logins()) == [NEWER, NEW]
    assert list(credentials.logins()) == [NEWER, NEW]


def test_secret_that_is_gone_is_an_error_that_names_no_password(
    credentials: SecretCredentials, secret: PaymentAccount
) -> None:
    secret.secretsmanager.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        next(credentials.logins())


def test_fault_while_the_previous_login_is_read_is_not_hidden(
    credentials: SecretCredentials, secret: PaymentAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins = credentials.logins()
    next(logins)

    def deny(**_request: str) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetSecretValue")

    monkeypatch.setattr(secret.secretsmanager, "get_secret_value", deny)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        next(logins)


@pytest.mark.parametrize("text", ["", "a-password", "[]", '"text"', '{"username": "u"}', '{"password": "p"}', "null"])
def test_secret_of_another_form_is_refused_without_showing_it(
    credentials: SecretCredentials, monkeypatch: pytest.MonkeyPatch, secret: PaymentAccount, text: str
) -> None:
    monkeypatch.setattr(secret.secretsmanager, "get_secret_value", lambda **_request: {"SecretString": text})
    with pytest.raises(CredentialsError) as error:
        next(credentials.logins())
    assert str(error.value) == f"the secret {SECRET} is not a JSON object with username and password"


def test_login_does_not_show_its_password() -> None:
    assert repr(Login("user", "hidden")) == "Login('user')"


def user_of(database: Database) -> str:
    """The user that a new connection belongs to."""
    database.close()

    def work(cursor: Any) -> str:
        cursor.execute("SELECT CURRENT_USER")
        return str(cursor.fetchone()[0]).partition("@")[0]

    return database.transaction(work)


@both_engines
def test_database_is_reached_before_during_and_after_a_rotation(
    ledger_rows: LedgerServer, credentials: SecretCredentials, secret: PaymentAccount
) -> None:
    def database_with(credentials: SecretCredentials) -> Database:
        return Database(
            engine=ledger_rows.engine,
            host=WRITER,
            port=ledger_rows.server.port,
            name=NAME,
            credentials=credentials,
            retry_seconds=1.0,
        )

    database = database_with(credentials)
    ledger_rows.set_password(OLD)
    assert user_of(database) == "rotated_user"
    secret.rotate(NEW)
    assert user_of(database) == "rotated_user"
    ledger_rows.set_password(NEW)
    assert user_of(database) == "rotated_user"
    secret.rotate(NEWER)
    fresh = database_with(SecretCredentials(client=secret.secretsmanager, secret_arn=SECRET))
    assert user_of(fresh) == "rotated_user"
    database.close()
    fresh.close()


@both_engines
def test_login_that_is_never_taken_makes_the_ledger_unavailable(ledger_rows: LedgerServer) -> None:
    database = ledger_rows.database(Login("payment_app", "wrong"), Login("payment_app", "too"), retry_seconds=0.1)
    with pytest.raises(LedgerUnavailableError) as error:
        user_of(database)
    assert re.search("Access denied|authentication failed", str(error.value.__cause__))


def test_fault_that_is_no_refusal_does_not_use_up_the_logins(ledger_rows: LedgerServer) -> None:
    database = ledger_rows.database(name="no_such_database", retry_seconds=0.1)
    with pytest.raises(Exception, match="no_such_database"):
        database.connect()


@both_engines
def test_server_that_is_not_reached_does_not_use_up_the_logins(engine: str, driver: Driver) -> None:
    class TwoLogins:
        def logins(self) -> Iterator[Login]:
            yield APPLICATION
            raise AssertionError("the second login was asked for")

    with pytest.raises(driver.error):
        Database(engine=engine, host=WRITER, port=1, name=NAME, credentials=TwoLogins()).connect()


@pytest.mark.usefixtures("variables")
def test_token_is_what_the_aws_sdk_would_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session-token")
    credentials = IamCredentials(
        session=clients.botocore_session(), region=REGION, host=HOST, port=3306, user="payment_app"
    )
    sdk: Any = get_session().create_client("rds", region_name=REGION)
    for _ in range(3):
        # Both are dated with the second in which they are made.
        (login,) = credentials.logins()
        expected = sdk.generate_db_auth_token(DBHostname=HOST, Port=3306, DBUsername="payment_app")
        if login.password == expected:
            break
    assert login == Login("payment_app", expected)


@pytest.mark.usefixtures("variables")
def test_token_is_signed_for_one_host_port_user_and_quarter_of_an_hour() -> None:
    credentials = IamCredentials(session=get_session(), region=REGION, host=HOST, port=3307, user="payment_app")
    (login,) = credentials.logins()
    parts = urlsplit(f"https://{login.password}")
    query = parse_qs(parts.query)
    assert (login.user, parts.netloc, parts.path) == ("payment_app", f"{HOST}:3307", "/")
    assert (query["Action"], query["DBUser"]) == (["connect"], ["payment_app"])
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["900"]
    assert query["X-Amz-Credential"][0].split("/")[2:] == ["eu-west-1", "rds-db", "aws4_request"]
    assert len(query["X-Amz-Signature"][0]) == 64


def test_process_without_a_role_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    monkeypatch.setattr(session, "get_credentials", lambda: None)
    credentials = IamCredentials(session=session, region=REGION, host=HOST, port=3306, user="payment_app")
    with pytest.raises(CredentialsError, match="no AWS credentials to sign the database token with"):
        next(credentials.logins())
