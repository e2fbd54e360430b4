"""Which environments are removed only by somebody who knows exactly what he does, and what they keep."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from lib.inputs import EnvironmentClass
from tap.account import Account
from tap.inventory.resource import Resource

# What the backups of a production environment are made of, with the keys that they can be read with.
KEPT_TYPES = ("rds:cluster-snapshot", "backup:recovery-point", "backup:backup-vault", "kms:key", "kms:alias")
_BACKUP_TYPES = KEPT_TYPES[:2]


class ProtectedError(Exception):
    """The environment is protected and the caller did not prove that it is the one he means; nothing was changed."""


class DeletionProtectionError(Exception):
    """Something of the environment must not be removed as long as its class protects it; nothing was changed."""


@dataclass(frozen=True)
class Protection:
    """Why an environment is protected (`reasons`; none: it is not), and what forbids its removal (`refusals`)."""

    suffix: str
    account_id: str
    reasons: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    keeps: bool = False
    """Whether its backups outlive it."""

    def check(self, *, confirmed: str | None, account_id: str | None) -> None:
        """Return if the environment may be removed; `confirmed` is the suffix as a person typed it.

        Raises:
            DeletionProtectionError: AWS would refuse half-way, or data would be lost that its class protects.
            ProtectedError: the suffix or the account was not named, or not the right one.
        """
        if self.refusals:
            raise DeletionProtectionError(
                f"environment {self.suffix!r} cannot be removed as it is, and nothing was touched: "
                + "; ".join(self.refusals)
                + f". To give its data up, deploy it as another class first (`ENVIRONMENT_CLASS=staging tap env deploy "
                f"{self.suffix}`, with its other inputs as they are), then destroy it"
            )
        if not self.reasons:
            return
        why = f"environment {self.suffix!r} is protected ({'; '.join(self.reasons)})"
        if confirmed != self.suffix:
            raise ProtectedError(f"{why}: type its suffix out, or give `--confirm {self.suffix}`; --yes is not enough")
        if account_id != self.account_id:
            given = f"{account_id} was given" if account_id else "no account was given"
            raise ProtectedError(
                f"{why}: these credentials are of account {self.account_id}, and {given}. "
                f"If that is the account you mean, give `--account {self.account_id}` or set AWS_ACCOUNT_ID"
            )


def protection(
    account: Account,
    suffix: str,
    resources: Collection[Resource],
    *,
    classes: Collection[str],
    protected_suffixes: Collection[str],
) -> Protection:
    """How the environment `suffix` is protected; `classes` are those that its state and its resources name."""
    production = EnvironmentClass.PRODUCTION in classes
    reasons = ["class production"] if production else []
    if suffix in protected_suffixes:
        reasons.append("its suffix is one of PROTECTED_SUFFIXES")
    refusals = [*_deletion_protection(account, resources)]
    if production:
        backups = [resource for resource in resources if resource.type == "backup:recovery-point"]
        if backups:
            refusals.append(f"its vault holds {len(backups)} recovery points of a production environment")
        refusals += _full_buckets(account, resources)
    return Protection(suffix, account.id, tuple(reasons), tuple(refusals), keeps=production)


def kept(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """What of a production environment stays: its backups, and while there are any, what they need to be read."""
    candidates = tuple(resource for resource in resources if resource.type in KEPT_TYPES)
    return candidates if any(resource.type in _BACKUP_TYPES for resource in candidates) else ()


def _deletion_protection(account: Account, resources: Iterable[Resource]) -> Iterator[str]:
    """What has deletion protection turned on, asked of AWS now: the state may be old."""
    for resource in resources:
        try:
            if _is_on(account, resource):
                yield f"{resource.type} {resource.name} has deletion protection on"
        except ClientError as error:
            if "NotFound" not in error.response["Error"]["Code"]:
                raise


def _full_buckets(account: Account, resources: Iterable[Resource]) -> Iterator[str]:
    """Buckets of a production environment that hold something: an audit's log, for one."""
    for bucket in (resource for resource in resources if resource.type == "s3:bucket"):
        try:
            held = account.client("s3").list_object_versions(Bucket=bucket.name, MaxKeys=1)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise
            continue
        if held.get("Versions") or held.get("DeleteMarkers"):
            yield f"bucket {bucket.name} of a production environment is not empty"


def _is_on(account: Account, resource: Resource) -> bool:
    region = resource.region
    if resource.type == "rds:cluster":
        rds: Any = account.client("rds", region)
        (cluster,) = rds.describe_db_clusters(DBClusterIdentifier=resource.name)["DBClusters"]
        return bool(cluster.get("DeletionProtection"))
    if resource.type == "rds:global-cluster":
        answer: Any = account.client("rds").describe_global_clusters(GlobalClusterIdentifier=resource.name)
        return any(one.get("DeletionProtection") for one in answer["GlobalClusters"])
    if resource.type == "elasticloadbalancing:loadbalancer":
        balancing: Any = account.client("elbv2", region)
        attributes = balancing.describe_load_balancer_attributes(LoadBalancerArn=resource.arn)["Attributes"]
        return {"Key": "deletion_protection.enabled", "Value": "true"} in attributes
    if resource.type == "dynamodb:table":
        table: Any = account.client("dynamodb", region).describe_table(TableName=resource.name)["Table"]
        return bool(table.get("DeletionProtectionEnabled"))
    return False
