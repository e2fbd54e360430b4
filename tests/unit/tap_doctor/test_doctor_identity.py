"""Who asks, in which account and Region, by which clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, cast

import pytest
from boto3 import Session
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from lib.settings import load_settings
from tap.account import Account
from tap.doctor import identity as checks
from tap.doctor import region
from tap.doctor.check import Check, Status
from tap.doctor.examination import REACH
from tap.doctor.identity import Identity, UnreachableError
from tests.unit.tap_doctor.scripted_account import NUMBER, ScriptedAccount, refused

# botocore asks its own clock whether credentials have ended: that must not come true.
NOW = datetime(2126, 11, 21, 12, 0, tzinfo=UTC)
USER = f"arn:aws:iam::{NUMBER}:user/operator"


def answer(arn: str = USER, *, ahead: float = 0) -> dict[str, Any]:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    return {"Account": NUMBER, "Arn": arn, "ResponseMetadata": {"HTTPHeaders": {"date": date}}}


def ask(answers: dict[str, Any]) -> Identity:
    return Identity.ask(cast(Account, ScriptedAccount(answers)))


class Held:
    """A session that holds these credentials."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._credentials = credentials

    def get_credentials(self) -> Credentials | None:
        return self._credentials


def look_at(credentials: Credentials | None, arn: str = USER) -> Check:
    [found] = checks.credentials(Identity(NUMBER, arn, 0), cast(Session, Held(credentials)), NOW)
    return found


def temporary(minutes: float, method: str) -> Credentials:
    """Credentials that end then."""
    end = NOW + timedelta(minutes=minutes)
    return cast(Credentials, RefreshableCredentials("id", "secret", "token", end, lambda: {}, method))


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        (f"arn:aws:iam::{NUMBER}:root", "root user"),
        (USER, "user"),
        (f"arn:aws:sts::{NUMBER}:assumed-role/deploy/session", "role"),
        (f"arn:aws:sts::{NUMBER}:federated-user/someone", "federated user"),
        (f"arn:aws:sts::{NUMBER}:other/someone", "other"),
    ],
)
def test_the_arn_tells_who_it_is(arn: str, kind: str) -> None:
    assert ask({"sts.get_caller_identity": answer(arn)}).kind == kind


def test_a_region_that_knows_no_credentials_is_not_the_end() -> None:
    class Regional(ScriptedAccount):
        def client(self, service: str, region: str | None = None) -> Any:
            refusal = refused("GetCallerIdentity", "InvalidClientTokenId")
            self.answers = {"sts.get_caller_identity": refusal if region == self.region else answer()}
            return super().client(service, region)

    account = Regional({})
    assert Identity.ask(cast(Account, account)).account_id == NUMBER
    assert [asked[1] for asked in account.asked] == ["eu-west-1", "us-east-1"]


@pytest.mark.parametrize(
    ("error", "found", "remedy"),
    [
        (NoCredentialsError(), "there are none", checks.CREDENTIALS),
        (
            refused("GetCallerIdentity", "ExpiredToken", "it has expired"),
            "AWS refuses them: ExpiredToken: it has expired",
            checks.CREDENTIALS,
        ),
        (
            EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
            'Could not connect to the endpoint URL: "http://127.0.0.1:9"',
            REACH,
        ),
    ],
)
def test_an_account_that_is_not_reached_says_why(error: Exception, found: str, remedy: str) -> None:
    with pytest.raises(UnreachableError) as raised:
        ask({"sts.get_caller_identity": error})
    assert raised.value.checks == [Check.fault("Account", "credentials", found, remedy)]


def test_a_refusal_because_of_the_clock_says_so_first() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=20), usegmt=True)
    with pytest.raises(UnreachableError) as raised:
        ask({"sts.get_caller_identity": refused("GetCallerIdentity", "SignatureDoesNotMatch", date=date)})
    assert [check.name for check in raised.value.checks] == ["clock", "credentials"]
    assert "behind AWS's" in raised.value.checks[0].found


@pytest.mark.parametrize(
    ("ahead", "status"),
    [(0, Status.OK), (-50, Status.OK), (120, Status.WARNING), (-299, Status.WARNING), (302, Status.FAULT)],
)
def test_the_clock_may_differ_by_less_than_five_minutes(ahead: float, status: Status) -> None:
    identity = ask({"sts.get_caller_identity": answer(ahead=ahead)})
    [found] = checks.clock(identity.skew_seconds)
    assert found.status is status


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}])
def test_without_a_date_the_clock_is_not_checked(headers: dict[str, str]) -> None:
    identity = ask({"sts.get_caller_identity": answer() | {"ResponseMetadata": {"HTTPHeaders": headers}}})
    [found] = checks.clock(identity.skew_seconds)
    assert found.status is Status.NOT_CHECKED


def test_the_root_user_is_warned_against() -> None:
    found = look_at(Credentials("id", "secret"), f"arn:aws:iam::{NUMBER}:root")
    assert found.status is Status.WARNING
    assert "the root user may do everything" in found.found


def test_credentials_that_end_soon_are_a_warning() -> None:
    found = look_at(temporary(30, "env"))
    assert (found.status, found.found) == (Status.WARNING, f"user {USER}; they end in 30 minutes")


@pytest.mark.parametrize(
    ("credentials", "found"),
    [
        (Credentials("id", "secret"), f"user {USER}"),
        (None, f"user {USER}"),
        (Credentials("id", "secret", "token", "env"), f"user {USER}; temporary"),
        (temporary(240, "env"), f"user {USER}; they end at 2126-11-21T16:00+00:00"),
        (temporary(10, "assume-role"), f"user {USER}; temporary, renewed by themselves"),
    ],
)
def test_credentials_that_last_are_well(credentials: Credentials | None, found: str) -> None:
    assert look_at(credentials) == Check.ok("Account", "credentials", found)


def test_no_secret_is_shown() -> None:
    found = look_at(Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", "FwoGZXIvYXdzE"))
    assert not any(secret in str(found) for secret in ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", "FwoGZXIvYXdzE"))


@pytest.mark.parametrize(
    ("inputs", "status", "remedy"),
    [
        ({"aws_account_id": NUMBER}, Status.OK, None),
        ({}, Status.OK, None),
        (
            {"environment_class": "production"},
            Status.WARNING,
            f"set AWS_ACCOUNT_ID={NUMBER} if that is the one",
        ),
        (
            {"aws_account_id": "444455556666"},
            Status.FAULT,
            f"use credentials of 444455556666, or set AWS_ACCOUNT_ID={NUMBER} if that is the one",
        ),
    ],
)
def test_the_account_has_to_be_the_one_that_is_allowed(
    inputs: dict[str, str], status: Status, remedy: str | None
) -> None:
    [found] = checks.account_number(Identity(NUMBER, USER, 0), load_settings(**inputs))
    assert (found.status, found.remedy) == (status, remedy)


@pytest.mark.parametrize(
    ("regions", "status", "remedy"),
    [
        ([{"RegionName": "eu-west-1", "OptInStatus": "opted-in"}], Status.OK, None),
        (
            [{"RegionName": "eu-west-1", "OptInStatus": "not-opted-in"}],
            Status.FAULT,
            "`aws account enable-region --region-name eu-west-1` (takes minutes to hours)",
        ),
        ([], Status.FAULT, "set AWS_REGION to one that `aws ec2 describe-regions` lists"),
    ],
)
def test_the_region_has_to_be_enabled(regions: list[dict[str, str]], status: Status, remedy: str | None) -> None:
    account = ScriptedAccount({"ec2.describe_regions": {"Regions": regions}})
    [found] = region.region(cast(Account, account))
    assert (found.status, found.remedy) == (status, remedy)
    assert account.asked == [("ec2.describe_regions", "us-east-1", {"RegionNames": ["eu-west-1"], "AllRegions": True})]


@pytest.mark.parametrize(
    ("letters", "status", "remedy"),
    [
        ("abc", Status.OK, None),
        ("abcdef", Status.OK, None),
        ("acd", Status.FAULT, "set AVAILABILITY_ZONES=a,c,d"),
        ("def", Status.FAULT, "set AVAILABILITY_ZONES=d,e,f"),
        ("ab", Status.FAULT, "set AWS_REGION to a Region with three zones"),
    ],
)
def test_the_zones_have_to_exist(letters: str, status: Status, remedy: str | None) -> None:
    there = [{"ZoneName": f"eu-west-1{letter}", "State": "available"} for letter in letters]
    closed = [{"ZoneName": "eu-west-1z", "State": "unavailable"}]
    account = ScriptedAccount({"ec2.describe_availability_zones": {"AvailabilityZones": there + closed}})
    [found] = region.zones(cast(Account, account), load_settings(aws_region="eu-west-1"))
    assert (found.status, found.remedy) == (status, remedy)
