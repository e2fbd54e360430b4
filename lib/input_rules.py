"""What an input must be: one function for each rule, whose error says the remedy."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from lib.availability import ENGINE_LINE_ENDS, LAMBDA_RUNTIME_ENDS, partition_of, zone_letters

if TYPE_CHECKING:
    from lib.settings import Settings

SUFFIX_PATTERN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SUFFIX_MAX_LENGTH = 20
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.configuration.requirements.html
BURSTABLE_CLASSES = ("db.t2.", "db.t3.", "db.t4g.")
RESERVED_DOMAINS = ("example.com", "example.net", "example.org")
# Top-level domains that no public DNS serves.
PRIVATE_TOP_LEVEL_DOMAINS = ("local", "internal", "test", "lan", "home", "corp", "localhost", "invalid", "example")


def none_if_blank(value: object) -> object:
    """Return None for the empty text that a shell or a workflow passes for "not set"."""
    return None if value == "" else value


def usable_suffix(value: str) -> str:
    if len(value) <= SUFFIX_MAX_LENGTH and SUFFIX_PATTERN.fullmatch(value):
        return value
    raise ValueError(
        f"use at most {SUFFIX_MAX_LENGTH} characters of a-z and 0-9 with single hyphens between them, "
        f"for example {suggest_suffix(value)!r}"
    )


def suffixes(value: str) -> str:
    """Return the suffixes, each usable, with commas and without spaces between them."""
    found = [part.strip() for part in value.split(",") if part.strip()]
    for part in found:
        try:
            usable_suffix(part)
        except ValueError as error:
            raise ValueError(f"{part!r} is no suffix: {error}") from None
    return ",".join(found)


def suggest_suffix(value: str) -> str:
    """Return a usable suffix close to `value`."""
    cleaned = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
    return cleaned[:SUFFIX_MAX_LENGTH].strip("-") or "dev"


def known_region(value: str) -> str:
    if partition_of(value):
        return value
    raise ValueError("no such AWS Region; use one such as 'us-east-1' or 'eu-west-1'")


def built_architecture(value: object) -> object:
    if value == "containers":
        raise ValueError("this architecture is not built yet; use ARCHITECTURE=single-region or multi-region")
    return value


def private_slash_16(value: str) -> str:
    remedy = "use a private IPv4 /16 such as 10.0.0.0/16"
    try:
        network = ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError(f"{error}; {remedy}") from None
    if network.version != 4 or network.prefixlen != 16 or not network.is_private:
        raise ValueError(remedy)
    return value


def resolvable_domain(value: str) -> str:
    label = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    if len(value) > 200 or not re.fullmatch(rf"{label}(?:\.{label})+", value):
        raise ValueError("use a lower-case DNS name of two labels or more, such as testing.local")
    if is_reserved(value):
        raise ValueError("this domain is reserved and never resolves; use a domain that you own, or testing.local")
    return value


def is_reserved(domain: str) -> bool:
    """Return whether the domain is one that documentation uses and nobody can own."""
    return domain in RESERVED_DOMAINS or domain.endswith(tuple(f".{name}" for name in RESERVED_DOMAINS))


def is_owned(domain: str) -> bool:
    """Return whether public DNS can serve the domain."""
    return domain.rsplit(".", 1)[-1] not in PRIVATE_TOP_LEVEL_DOMAINS


def never_none(value: object) -> object:
    if str(value).upper() == "NONE":
        raise ValueError("that opens payments to everyone; use AWS_IAM")
    return value


def email_address(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise ValueError("use an e-mail address such as oncall@your-company.com")
    return value


def supported_runtime(value: str) -> str:
    if value not in LAMBDA_RUNTIME_ENDS:
        raise ValueError(f"not a supported runtime; use one of {', '.join(LAMBDA_RUNTIME_ENDS)}")
    return value


def provisioned_class(value: str) -> str:
    if value == "db.serverless":
        raise ValueError("Serverless v2 cannot be backtracked; use a provisioned class such as db.r5.large")
    if not re.fullmatch(r"db\.[a-z0-9-]+\.[a-z0-9]+", value):
        raise ValueError("use an instance class such as db.r5.large")
    return value


def three_zone_letters(value: str | None) -> str | None:
    if value is not None and (not re.fullmatch(r"[a-f],[a-f],[a-f]", value) or len(set(value.split(","))) != 3):
        raise ValueError("use three different zone letters, such as a,b,c")
    return value


def account_number(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"\d{12}", value):
        raise ValueError("use the 12 digits of an AWS account")
    return value


def combination_fault(settings: Settings) -> str | None:
    """Return why the settings do not fit together, or None."""
    faults = (_database_fault, _approval_fault, _api_fault, _network_fault, _two_region_fault)
    return next((found for fault in faults if (found := fault(settings))), None)


def _database_fault(settings: Settings) -> str | None:
    if settings.db_engine == "aurora-postgresql" and settings.backtrack_seconds:
        return (
            f"BACKTRACK_HOURS={settings.backtrack_seconds // 3600} with DB_ENGINE=aurora-postgresql: it has no "
            "backtrack; set BACKTRACK_HOURS=0 and restore to a point in time instead, or use aurora-mysql"
        )
    if settings.db_engine == "aurora-postgresql":
        return f"DB_ENGINE=aurora-postgresql: {settings.architecture} keeps its ledger in aurora-mysql; use that"
    if settings.db_engine_version.rpartition(".")[0] not in ENGINE_LINE_ENDS:
        return (
            f"DB_ENGINE_VERSION={settings.db_engine_version}: not a supported version; "
            f"use a patch level of {', '.join(ENGINE_LINE_ENDS)}"
        )
    if settings.db_instance_count == 1 and settings.environment_class != "ephemeral":
        return (
            f"DB_INSTANCE_COUNT=1 with ENVIRONMENT_CLASS={settings.environment_class}: one instance survives no zone; "
            "use 2 or more"
        )
    if settings.db_proxy and settings.db_authentication == "secret":
        return (
            "DB_AUTHENTICATION=secret with DB_PROXY=true: the proxy takes IAM only; "
            "use DB_AUTHENTICATION=iam, or leave it out"
        )
    return None


def _approval_fault(settings: Settings) -> str | None:
    threshold, limit = settings.approval_threshold, settings.payment_amount_limit
    if threshold is not None and threshold >= limit:
        return (
            f"APPROVAL_THRESHOLD={threshold} with PAYMENT_AMOUNT_LIMIT={limit}: no payment can be above it; "
            "use less than the limit, or leave it out"
        )
    return None


def _api_fault(settings: Settings) -> str | None:
    if settings.api_authorization == "JWT" and not (settings.api_jwt_issuer and settings.api_jwt_audience):
        return "API_AUTHORIZATION=JWT needs API_JWT_ISSUER and API_JWT_AUDIENCE; set both, or use AWS_IAM"
    return None


def _network_fault(settings: Settings) -> str | None:
    if not settings.availability_zones and not zone_letters(settings.aws_region):
        return f"AWS_REGION={settings.aws_region} has fewer than three availability zones; use another Region"
    if is_owned(settings.domain) and not settings.parent_zone_id:
        return (
            f"DOMAIN={settings.domain} needs PARENT_ZONE_ID, the hosted zone that delegates to this environment; "
            "set it, or use testing.local"
        )
    return None


def _two_region_fault(settings: Settings) -> str | None:
    """What Aurora's global databases refuse, and Regions that are too close to each other to be two."""
    if not settings.in_two_regions:
        return None
    region, secondary = settings.aws_region, settings.secondary_region
    if secondary == region:
        return f"SECONDARY_REGION={secondary} is AWS_REGION too, and would fail with it; use another Region"
    if partition_of(secondary) != partition_of(region):
        return f"SECONDARY_REGION={secondary} is in another partition than AWS_REGION={region}; use one of the same"
    if not settings.secondary_availability_zones and not zone_letters(secondary):
        return f"SECONDARY_REGION={secondary} has fewer than three availability zones; use another Region"
    if settings.secondary_vpc_cidr == settings.vpc_cidr:
        return f"SECONDARY_VPC_CIDR={settings.vpc_cidr} is VPC_CIDR too: the two could never be connected; use another"
    if settings.backtrack_hours:
        return (
            f"BACKTRACK_HOURS={settings.backtrack_hours} with ARCHITECTURE=multi-region: a global database has no "
            "backtrack; leave it out and restore to a point in time instead, or use single-region"
        )
    if settings.db_proxy:
        return (
            "DB_PROXY=true with ARCHITECTURE=multi-region: the functions of two Regions connect to the clusters "
            "themselves, whose endpoints a failover turns round; leave it out"
        )
    if settings.db_instance_class.startswith(BURSTABLE_CLASSES):
        return (
            f"DB_INSTANCE_CLASS={settings.db_instance_class} with ARCHITECTURE=multi-region: global databases have no "
            "burstable classes; use one such as db.r5.large"
        )
    return None
