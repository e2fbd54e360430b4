"""Services that hold data: databases, tables, buckets, backups, keys, secrets, parameters."""

from collections.abc import Iterator
from typing import Any

from local_aws.backups.points import recovery_points
from local_aws.backups.tests_of_restores import testing_plans
from local_aws.tagging.tagged import Tagged, TaggedByKey, TaggedByPairs

RDS_COLLECTIONS = (
    "clusters",
    "cluster_snapshots",
    "database_snapshots",
    "databases",
    "db_cluster_parameter_groups",
    "db_parameter_groups",
    "db_proxies",
    "event_subscriptions",
    "global_clusters",
    "option_groups",
    "security_groups",
    "shard_groups",
    "subnet_groups",
)


def walk_rds(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Everything of RDS and Aurora; a proxy's target groups have no tags of their own here."""
    for collection in RDS_COLLECTIONS:
        for resource in list(getattr(backend, collection).values()):
            yield TaggedByPairs(resource.arn, resource)


def walk_dynamodb(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Tables."""
    for table in list(backend.tables.values()):
        yield TaggedByPairs(table.table_arn, table)


def walk_s3(backend: Any, region: str) -> Iterator[Tagged]:
    """Buckets of the Region. Objects have tags too, which the tagging API does not know."""
    for bucket in list(backend.buckets.values()):
        if bucket.region_name == region:
            yield TaggedByKey(bucket.arn, backend.tagger.tags, bucket.arn)


def walk_backup(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Plans, vaults and what they hold. A deleted plan keeps a date of deletion in moto."""
    tags = backend.tagger.tags
    for vault in list(backend.vaults.values()):
        yield TaggedByKey(vault.backup_vault_arn, tags, vault.backup_vault_arn)
        for arn in list(recovery_points(vault)):
            yield TaggedByKey(arn, tags, arn)
    for plan in list(backend.plans.values()):
        if not plan.deletion_date:
            yield TaggedByKey(plan.backup_plan_arn, tags, plan.backup_plan_arn)
    for testing in list(testing_plans(backend).values()):
        yield TaggedByKey(testing.arn, tags, testing.arn)


def walk_kms(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Keys, also those that wait for their deletion."""
    for key in list(backend.keys.values()):
        yield TaggedByKey(key.arn, backend.tagger.tags, key.id)


def walk_secretsmanager(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Secrets. A replica has its primary's tags."""
    for secret in list(dict.values(backend.secrets)):
        if not secret.is_deleted():
            yield TaggedByPairs(secret.arn, getattr(secret, "source", secret))


def walk_ssm(backend: Any, region: str) -> Iterator[Tagged]:
    """Parameters, documents, maintenance windows and patch baselines. A parameter's name may begin with a slash."""
    start = f"arn:{backend.partition}:ssm:{region}:{backend.account_id}:"
    kept = backend._resource_tags
    # moto's dictionary of parameters loads AWS's own, thousands, when it is asked for one of them.
    existing: dict[str, set[str]] = {
        "Parameter": set(dict.keys(backend._parameters)),
        "Document": set(backend._documents),
        "MaintenanceWindow": set(backend.windows),
        "PatchBaseline": set(backend.baselines),
    }
    for kind, names in existing.items():
        for name in names:
            yield TaggedByKey(f"{start}{kind.lower()}/{name.removeprefix('/')}", kept[kind], name)
