"""What the inputs must be to each other: each function names a fault and its remedy, or finds none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.availability import ENGINE_LINE_ENDS, engine_line, partition_of, zone_letters
from lib.input_rules import is_owned

if TYPE_CHECKING:
    from lib.settings import Settings

# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.configuration.requirements.html
BURSTABLE_CLASSES = ("db.t2.", "db.t3.", "db.t4g.")


def combination_fault(settings: Settings) -> str | None:
    """Return why the settings do not fit together, or None."""
    faults = (
        _engine_fault,
        _database_fault,
        _approval_fault,
        _api_fault,
        _network_fault,
        _container_fault,
        _two_region_fault,
    )
    return next((found for fault in faults if (found := fault(settings))), None)


def _engine_fault(settings: Settings) -> str | None:
    if settings.db_engine == "aurora-postgresql" and settings.backtrack_seconds:
        return (
            f"BACKTRACK_HOURS={settings.backtrack_seconds // 3600} with DB_ENGINE=aurora-postgresql: it has no "
            "backtrack; set BACKTRACK_HOURS=0 and restore to a point in time instead (docs/restore-postgresql.md), "
            "or use aurora-mysql"
        )
    own = "aurora-postgresql" if settings.runs_containers else "aurora-mysql"
    if settings.db_engine != own:
        return f"DB_ENGINE={settings.db_engine}: {settings.architecture} keeps its ledger in {own}; use that"
    if engine_line(own, settings.db_engine_version) is None:
        return (
            f"DB_ENGINE_VERSION={settings.db_engine_version}: not a supported version of {own}; "
            f"use a patch level of {', '.join(ENGINE_LINE_ENDS[own])}"
        )
    return None


def _database_fault(settings: Settings) -> str | None:
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
    own = "API_KEY" if settings.runs_containers else "AWS_IAM"
    if settings.api_authorization not in (own, "JWT"):
        return (
            f"API_AUTHORIZATION={settings.api_authorization} with ARCHITECTURE={settings.architecture}: "
            f"its API cannot tell callers so; use {own} or JWT"
        )
    if settings.api_authorization == "JWT" and not (settings.api_jwt_issuer and settings.api_jwt_audience):
        return f"API_AUTHORIZATION=JWT needs API_JWT_ISSUER and API_JWT_AUDIENCE; set both, or use {own}"
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


def _container_fault(settings: Settings) -> str | None:
    """What the container architecture lacks of the others, and what Fargate refuses."""
    if not settings.runs_containers:
        return None
    if not settings.domain_is_owned:
        return (
            f"DOMAIN={settings.domain} with ARCHITECTURE=containers: its load balancer needs a certificate, which "
            "cannot be had for that; set DOMAIN to a domain that you own and PARENT_ZONE_ID to its hosted zone"
        )
    if settings.approval_threshold is not None:
        return (
            f"APPROVAL_THRESHOLD={settings.approval_threshold} with ARCHITECTURE=containers: approvals are a workflow "
            "around the payment function, which is not there; leave it out, or use single-region"
        )
    for name, on in (("DB_PROXY", settings.db_proxy), ("FUNCTION_URL", settings.function_url)):
        if on:
            return f"{name}=true with ARCHITECTURE=containers, which has none; leave it out, or use single-region"
    if settings.nat_gateways == "none" and settings.api_authorization == "JWT":
        return (
            "NAT_GATEWAYS=none with API_AUTHORIZATION=JWT: the service could not fetch the keys of the issuer; "
            "use NAT_GATEWAYS=single, or API_KEY"
        )
    if settings.service_max_tasks < settings.service_min_tasks:
        return (
            f"SERVICE_MAX_TASKS={settings.service_max_tasks} is less than "
            f"SERVICE_MIN_TASKS={settings.service_min_tasks}; use as many or more"
        )
    return _task_size_fault(settings)


def _task_size_fault(settings: Settings) -> str | None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size"""
    cpu, memory = settings.service_cpu, settings.service_memory_mb
    taken: dict[int, list[int]] = {
        256: [512, 1024, 2048],
        512: list(range(1024, 4097, 1024)),
        1024: list(range(2048, 8193, 1024)),
        2048: list(range(4096, 16385, 1024)),
        4096: list(range(8192, 30721, 1024)),
    }
    if cpu not in taken:
        return f"SERVICE_CPU={cpu}: Fargate has no such size; use one of {', '.join(map(str, taken))}"
    if memory not in taken[cpu]:
        return (
            f"SERVICE_MEMORY_MB={memory} with SERVICE_CPU={cpu}: Fargate has no such size; "
            f"use one of {', '.join(map(str, taken[cpu]))}"
        )
    return None


def _two_region_fault(settings: Settings) -> str | None:
    """What Aurora's global databases refuse, and Regions that are too close to each other to be two."""
    if not settings.in_two_regions:
        return None
    region, secondary = settings.aws_region, settings.secondary_region
    other = f"{'STANDBY' if settings.runs_containers else 'SECONDARY'}_REGION={secondary}"
    if secondary == region:
        return f"{other} is AWS_REGION too, and would fail with it; use another Region"
    if partition_of(secondary) != partition_of(region):
        return f"{other} is in another partition than AWS_REGION={region}; use one of the same"
    if not settings.secondary_availability_zones and not zone_letters(secondary):
        return f"{other} has fewer than three availability zones; use another Region"
    if settings.secondary_vpc_cidr == settings.vpc_cidr:
        return f"SECONDARY_VPC_CIDR={settings.vpc_cidr} is VPC_CIDR too: the two could never be connected; use another"
    if settings.nat == "none":
        return (
            f"NAT_GATEWAYS=none with {other}: from a VPC without a way out, the recovery of one Region reaches nothing "
            "of the other, not even to fence it; use NAT_GATEWAYS=single or per-az"
        )
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
            f"DB_INSTANCE_CLASS={settings.db_instance_class} in two Regions: global databases have no "
            "burstable classes; use one such as db.r5.large"
        )
    return None
