"""A token is good for its user, host, port and Region, for a quarter of an hour, as long as nothing is changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from local_aws.databases.iam_tokens import Entrance, verified_token
from local_aws.http_api.signature import Secret

ENTRANCE = Entrance("127.1.2.3", 3306, "app", "eu-central-1")
KEYS = {"AKIDEXAMPLE": Secret("secret"), "ASIAEXAMPLE": Secret("other", "session/token+=")}


def token(key: str = "AKIDEXAMPLE", secret: str = "secret", session: str | None = None, user: str = "app") -> str:
    create: Any = boto3.client
    client = create(
        "rds",
        region_name=ENTRANCE.region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=session,
    )
    made: str = client.generate_db_auth_token(ENTRANCE.host, ENTRANCE.port, user)
    return made


def verified(token: str, entrance: Entrance = ENTRANCE, later: timedelta = timedelta()) -> str | None:
    return verified_token(token, entrance, KEYS.get, datetime.now(UTC) + later)


def test_a_valid_token_names_its_key() -> None:
    assert verified(token()) == "AKIDEXAMPLE"


def test_a_token_of_temporary_credentials_needs_their_session() -> None:
    assert verified(token("ASIAEXAMPLE", "other", "session/token+=")) == "ASIAEXAMPLE"
    assert verified(token("ASIAEXAMPLE", "other", "another")) is None
    assert verified(token("ASIAEXAMPLE", "other")) is None


@pytest.mark.parametrize(
    "change", [{"host": "127.1.2.4"}, {"port": 3307}, {"user": "admin"}, {"region": "us-east-1"}], ids=str
)
def test_a_token_is_for_one_entrance(change: dict[str, Any]) -> None:
    assert verified(token(), replace(ENTRANCE, **change)) is None


def test_a_token_lives_for_a_quarter_of_an_hour() -> None:
    made = token()
    assert verified(made, later=timedelta(minutes=14)) == "AKIDEXAMPLE"
    assert verified(made, later=timedelta(minutes=15, seconds=1)) is None
    assert verified(made, later=timedelta(minutes=-6)) is None


def test_who_signs_with_another_key_is_refused() -> None:
    assert verified(token(secret="guessed")) is None
    assert verified(token(key="AKIDUNKNOWN")) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("DBUser=app", "DBUser=admin"),
        ("Expires=900", "Expires=901"),
        ("Action=connect", "Action=connect&DBUser=admin"),
        ("SignedHeaders=host", "SignedHeaders=host%3Bdate"),
        ("&X-Amz-Signature=", "&X-Amz-Other="),
    ],
)
def test_a_changed_token_is_refused(old: str, new: str) -> None:
    made = token()
    assert old in made
    changed = made.replace(old, new)
    assert verified(changed) is None
    assert verified(changed, replace(ENTRANCE, user="admin")) is None


@pytest.mark.parametrize("text", ["", "password", "127.1.2.3:3306/", "127.1.2.3:3306/?Action=connect&DBUser=app", "é["])
def test_what_is_no_token_is_refused(text: str) -> None:
    assert verified(text) is None
