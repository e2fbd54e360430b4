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
from lib.settings import RegionRole, Settings, SettingsError, load_settings

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
        ({"architecture": "desert"}, "ARCHITECTURE=desert: Input should be 'single-region', 'multi-region'"),
        ({"environment_class": "huge"}, "ENVIRONMENT_CLASS=huge"),
        ({"vpc_cidr": "10.0.0.0/24"}, "VPC_CIDR=10.0.0.0/24: use a private IPv4 /16"),
        ({"vpc_cidr": "8.8.0.0/16"}, "use a private IPv4 /16"),
        ({"vpc_cidr": "ten"}, "use a private IPv4 /16"),
        ({"availability_zones": "a,a,b"}, "three different zone letters"),
        ({"availability_zones": "a,b"}, "three different zone letters"),
        ({"db_engine": "aurora-postgresql"}, "PostgreSQL|no backtrack.*restore to a point in time"),
        ({"db_engine": "aurora-postgresql", "backtrack_hours": 0}, "keeps its ledger in aurora-mysql"),
        (
            {"db_engine_version": "8.0.mysql_aurora.3.04.0"},
            "version of aurora-mysql; use a patch level of 8",
        ),
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


OWNED = {"domain": "acme.io", "parent_zone_id": "Z0PARENT"}
TOKENS = {"api_authorization": "JWT", "api_jwt_issuer": "https://id.acme.io", "api_jwt_audience": "payments"}
CONTAINERS = {"architecture": "containers", **OWNED}


@pytest.mark.parametrize(
    ("given_inputs", "message"),
    [
        (
            {"domain": "testing.local"},
            "DOMAIN=testing.local .*needs a certificate.*set DOMAIN to a domain",
        ),
        ({"backtrack_hours": 24}, "BACKTRACK_HOURS=24 .*no backtrack.*docs/restore-postgresql.md"),
        ({"db_engine": "aurora-mysql"}, "DB_ENGINE=aurora-mysql: containers keeps its ledger in aurora-postgresql"),
        ({"db_engine_version": "17.1"}, "DB_ENGINE_VERSION=17.1: not a supported version of aurora-postgresql"),
        ({"api_authorization": "AWS_IAM"}, "API_AUTHORIZATION=AWS_IAM .*cannot tell callers so; use API_KEY or JWT"),
        ({"api_authorization": "JWT"}, "needs API_JWT_ISSUER and API_JWT_AUDIENCE; set both, or use API_KEY"),
        ({"approval_threshold": 10}, "APPROVAL_THRESHOLD=10 .*leave it out, or use single-region"),
        ({"db_proxy": True}, "DB_PROXY=true with ARCHITECTURE=containers, which has none"),
        ({"function_url": True}, "FUNCTION_URL=true with ARCHITECTURE=containers, which has none"),
        (
            {**TOKENS, "nat_gateways": "none"},
            "could not fetch the keys of the issuer; use NAT_GATEWAYS=single, or API_KEY",
        ),
        ({"service_min_tasks": 5}, "SERVICE_MAX_TASKS=4 is less than SERVICE_MIN_TASKS=5"),
        ({"service_cpu": 300}, "SERVICE_CPU=300: Fargate has no such size; use one of 256, 512"),
        ({"service_memory_mb": 512}, "SERVICE_MEMORY_MB=512 with SERVICE_CPU=1024: .*use one of 2048, 3072"),
        ({"waf_rate_limit": 1}, "WAF_RATE_LIMIT=1"),
        (
            {"deployment_strategy": "big-bang"},
            "DEPLOYMENT_STRATEGY=big-bang: Input should be .rolling.",
        ),
        ({"canary_runtime": "syn-nodejs-puppeteer-7.0"}, "not a supported canary runtime; use one of syn-python"),
        ({"standby_region": "mars-1"}, "STANDBY_REGION=mars-1: no such AWS Region"),
        ({"standby_region": "us-east-1"}, "STANDBY_REGION=us-east-1 is AWS_REGION too"),
        ({"standby_region": "us-east-2", "db_instance_class": "db.t4g.medium"}, "in two Regions: .*no burstable"),
    ],
)
def test_what_containers_cannot_have_is_refused(given_inputs: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load_settings(**{**CONTAINERS, **given_inputs})


def test_an_api_key_is_for_containers_alone() -> None:
    with pytest.raises(SettingsError, match=r"API_AUTHORIZATION=API_KEY .*use AWS_IAM or JWT"):
        load_settings(api_authorization="API_KEY")


def test_containers_have_defaults_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CONTAINERS.items():
        monkeypatch.setenv(name.upper(), value)
    loaded = load_settings()
    assert (loaded.db_engine, loaded.db_engine_version.partition(".")[0]) == ("aurora-postgresql", "17")
    assert (loaded.db_instance_class, loaded.service_min_tasks, loaded.service_max_tasks) == ("db.t4g.medium", 2, 4)
    assert (loaded.api_authorization, loaded.database_authentication) == ("API_KEY", "iam")
    assert (loaded.backtrack_seconds, loaded.in_two_regions, loaded.stack_name) == (0, False, "ContainerStackdev")
    assert load_settings(db_instance_class="db.r6g.2xlarge").db_instance_class == "db.r6g.2xlarge"
    production = load_settings(environment_class="production")
    assert (production.db_instance_class, production.service_min_tasks, production.service_max_tasks) == (
        "db.r6g.xlarge",
        10,
        50,
    )


def test_a_standby_region_has_fewer_tasks() -> None:
    loaded = load_settings(**CONTAINERS, standby_region="us-east-2", environment_class="production")
    assert (loaded.in_two_regions, loaded.secondary_region) == (True, "us-east-2")
    assert loaded.tags["SecondaryRegion"] == "us-east-2"
    standby = loaded.in_region(RegionRole.SECONDARY)
    assert (standby.aws_region, standby.service_min_tasks, standby.service_max_tasks) == ("us-east-2", 2, 50)
    assert load_settings(**CONTAINERS, standby_region="us-east-2").db_instance_class == "db.r6g.large"


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
    tables = [LAMBDA_RUNTIME_ENDS, *ENGINE_LINE_ENDS.values()]
    ended = [name for table in tables for name, end in table.items() if end <= date.today()]
    assert not ended, f"{ended}: support has ended; move lib/availability.py to a supported version"


def test_every_input_has_a_description() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
