"""Inputs: precedence, rules, cross-checks, and the names that follow from them."""

from __future__ import annotations

import string
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lib.availability import ENGINE_LINE_ENDS, LAMBDA_RUNTIME_ENDS, partition_of
from lib.input_rules import suggest_suffix
from lib.settings import Settings, SettingsError, load_settings

# Hypothesis counts a slow machine as a failure otherwise.
AT_ANY_SPEED = hypothesis_settings(deadline=None)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No input from outside: an empty folder and none of the variables."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(
    monkeypatch: pytest.MonkeyPatch, clean_environment: Path
) -> None:
    assert load_settings().environment_suffix == "dev"
    (clean_environment / ".env").write_text("ENVIRONMENT_SUFFIX=from-file\nOWNER=file-owner\nUNRELATED=1\n")
    monkeypatch.setenv("ENVIRONMENT_SUFFIX", "from-variable")
    loaded = load_settings()
    assert (loaded.environment_suffix, loaded.owner) == ("from-variable", "file-owner")


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_BUCKET", "")
    monkeypatch.setenv("AWS_REGION", "")
    assert load_settings().state_bucket is None
    assert load_settings(aws_account_id="").aws_account_id is None
    assert load_settings().aws_region == "us-east-1"


@pytest.mark.parametrize(
    ("given_inputs", "message"),
    [
        ({"environment_suffix": "PR_12"}, "ENVIRONMENT_SUFFIX=PR_12: .*for example 'pr-12'"),
        ({"environment_suffix": "a" * 21}, "at most 20 characters"),
        ({"environment_suffix": "-a"}, "for example 'a'"),
        ({"environment_suffix": "___"}, "for example 'dev'"),
        ({"environment_suffix": "dev\n"}, "for example 'dev'"),
        ({"aws_region": "mars-1"}, "AWS_REGION=mars-1: no such AWS Region"),
        ({"aws_region": "us-west-1"}, "fewer than three availability zones"),
        ({"architecture": "containers"}, "not built yet; use ARCHITECTURE=single-region"),
        ({"architecture": "desert"}, "ARCHITECTURE=desert: Input should be 'single-region' or 'multi-region'"),
        ({"environment_class": "huge"}, "ENVIRONMENT_CLASS=huge"),
        ({"vpc_cidr": "10.0.0.0/24"}, "VPC_CIDR=10.0.0.0/24: use a private IPv4 /16"),
        ({"vpc_cidr": "8.8.0.0/16"}, "use a private IPv4 /16"),
        ({"vpc_cidr": "ten"}, "use a private IPv4 /16"),
        ({"availability_zones": "a,a,b"}, "three different zone letters"),
        ({"availability_zones": "a,b"}, "three different zone letters"),
        ({"db_engine": "aurora-postgresql"}, "PostgreSQL|no backtrack.*restore to a point in time"),
        ({"db_engine": "aurora-postgresql", "backtrack_hours": 0}, "keeps its ledger in aurora-mysql"),
        ({"db_engine_version": "8.0.mysql_aurora.3.04.0"}, "not a supported version; use a patch level of"),
        ({"db_instance_class": "db.serverless"}, "Serverless v2 cannot be backtracked"),
        ({"db_instance_class": "m5"}, "such as db.r5.large"),
        ({"db_instance_count": 1, "environment_class": "staging"}, "one instance survives no zone"),
        ({"db_authentication": "password"}, "DB_AUTHENTICATION=password: Input should be 'secret' or 'iam'"),
        ({"db_authentication": "secret", "db_proxy": True}, "DB_PROXY=true: the proxy takes IAM only; use DB_AUTH"),
        ({"approval_threshold": -1}, "APPROVAL_THRESHOLD=-1"),
        ({"approval_threshold": 500, "payment_amount_limit": 500}, "no payment can be above it; use less than"),
        ({"approval_hours": 0, "approval_threshold": 5}, "APPROVAL_HOURS=0"),
        ({"backtrack_hours": 73}, "BACKTRACK_HOURS=73"),
        ({"lambda_runtime": "python3.8"}, "not a supported runtime; use one of python3.13"),
        ({"api_authorization": "NONE"}, "API_AUTHORIZATION=NONE: that opens payments to everyone; use AWS_IAM"),
        ({"function_url_authorization": "none"}, "opens payments to everyone"),
        ({"api_authorization": "JWT"}, "needs API_JWT_ISSUER and API_JWT_AUDIENCE"),
        ({"domain": "payments.example.com"}, "reserved and never resolves"),
        ({"domain": "Example"}, "lower-case DNS name"),
        ({"domain": "pay.acme.io"}, "needs PARENT_ZONE_ID"),
        ({"alert_email": "nobody"}, "use an e-mail address"),
        ({"aws_account_id": "12"}, "12 digits"),
        ({"expires_at": "2030-01-01T00:00:00"}, "EXPIRES_AT=2030-01-01T00:00:00.*timezone"),
    ],
)
def test_a_wrong_input_is_refused_with_its_name_value_and_remedy(given_inputs: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load_settings(**given_inputs)


def test_every_fault_of_several_inputs_is_named() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(environment_suffix="A", aws_region="mars-1")
    assert len(str(caught.value).splitlines()) == 2


def test_a_date_in_an_error_is_shown_as_it_was_given() -> None:
    with pytest.raises(SettingsError, match="EXPIRES_AT=tomorrow"):
        load_settings(expires_at="tomorrow")


@AT_ANY_SPEED
@given(st.text(alphabet=string.printable + "éß漢", max_size=40))
def test_any_text_is_a_usable_suffix_or_refused_with_a_usable_suggestion(text: str) -> None:
    suggestion = suggest_suffix(text)
    assert load_settings(environment_suffix=suggestion).environment_suffix == suggestion
    try:
        accepted = load_settings(environment_suffix=text).environment_suffix
    except SettingsError as error:
        assert repr(suggestion) in str(error)  # noqa: PT017 (either outcome is right)
    else:
        assert accepted == text.strip() or text == ""
        assert set(accepted) <= set(string.ascii_lowercase + string.digits + "-")


@AT_ANY_SPEED
@given(st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,8}", fullmatch=True))
def test_names_carry_the_suffix_and_differ_between_suffixes(suffix: str) -> None:
    one, other = load_settings(environment_suffix=suffix), load_settings(environment_suffix=f"{suffix}-b")
    assert one.name("cluster") == f"payment-cluster-{suffix}"
    assert one.regional_name("vpc") == f"payment-vpc-us-east-1-{suffix}"
    assert one.parameter_name("x/y") == f"/payment/{suffix}/x/y"
    assert one.name("cluster") != other.name("cluster")


def test_tags_say_whose_environment_it_is_and_when_it_ends() -> None:
    loaded = load_settings(environment_suffix="pr-7", expires_at="2030-01-01T00:00:00Z", owner="core")
    assert loaded.tags == {
        "Project": "payment",
        "Environment": "payment-pr-7",
        "EnvironmentSuffix": "pr-7",
        "EnvironmentClass": "ephemeral",
        "Architecture": "single-region",
        "HomeRegion": "us-east-1",
        "ManagedBy": "cdktf",
        "Owner": "core",
        "ExpiresAt": "2030-01-01T00:00:00+00:00",
    }
    assert "ExpiresAt" not in load_settings().tags


def test_subnets_and_zones_follow_from_the_region_and_the_network() -> None:
    assert load_settings().subnets(10) == ("10.0.10.0/24", "10.0.11.0/24", "10.0.12.0/24")
    assert load_settings(aws_region="ap-northeast-1").zones == ("ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d")
    assert load_settings(availability_zones="d,e,f").zones == ("us-east-1d", "us-east-1e", "us-east-1f")


def test_only_production_is_protected_and_keeps_longer() -> None:
    classes = [load_settings(environment_class=name) for name in ("ephemeral", "staging", "production")]
    assert [loaded.protected for loaded in classes] == [False, False, True]
    assert [loaded.log_retention_days for loaded in classes] == [7, 30, 400]
    assert [loaded.backup_retention_days for loaded in classes] == [7, 7, 35]
    assert [loaded.nat for loaded in classes] == ["single", "single", "per-az"]
    assert load_settings(environment_class="production", nat_gateways="none").nat == "none"


def test_a_proxy_brings_iam_with_it_and_still_needs_a_password_behind_it() -> None:
    ways = [load_settings(), load_settings(db_authentication="iam"), load_settings(db_proxy=True)]
    assert [way.database_authentication for way in ways] == ["secret", "iam", "iam"]
    assert [way.ledger_user_has_password for way in ways] == [True, False, True]


def test_a_domain_is_owned_unless_no_public_dns_serves_it() -> None:
    assert not load_settings().domain_is_owned
    owned = load_settings(domain="acme.io", parent_zone_id="Z1")
    assert owned.domain_is_owned
    assert owned.api_domain == "api.payment-dev.acme.io"


def test_partitions_have_their_own_dns_suffix() -> None:
    china = partition_of("cn-north-1")
    assert china is not None
    assert (china.id, china.dns_suffix) == ("aws-cn", "amazonaws.com.cn")
    assert partition_of("aws-global") is None


def test_no_version_that_may_be_chosen_has_ended() -> None:
    ended = [name for name, end in {**ENGINE_LINE_ENDS, **LAMBDA_RUNTIME_ENDS}.items() if end <= date.today()]
    assert not ended, f"{ended}: support has ended; move lib/availability.py to a supported version"


def test_every_input_has_a_description() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
