"""Which resources an experiment is about, found when it begins.

https://docs.aws.amazon.com/fis/latest/userguide/targets.html
"""

from collections.abc import Iterable, Mapping
from typing import Any

from moto.ec2.models import ec2_backends

from local_aws import containers
from local_aws.errors import AwsError
from local_aws.experiments.placement import clusters_of
from local_aws.tagging.walks import tagged_resources

CLUSTER, SUBNET, TASK = "aws:rds:cluster", "aws:ec2:subnet", "aws:ecs:task"
KINDS = {CLUSTER: ":cluster:", SUBNET: ":subnet/", TASK: ":task/"}
"""What the ARNs of each type of resource have in them."""


def check(name: str, target: Mapping[str, Any]) -> None:
    """Raises AwsError for a target that AWS would refuse, or that cannot be found here."""
    if target["resourceType"] not in KINDS:
        raise AwsError("ValidationException", f"The local AWS has no targets of type {target['resourceType']}.")
    if target["selectionMode"] != "ALL":
        raise AwsError("ValidationException", f"The local AWS selects ALL of a target, not {target['selectionMode']}.")
    if target.get("resourceArns") and (target.get("resourceTags") or target.get("filters")):
        raise AwsError("ValidationException", f"Target {name} has ARNs, and tags or filters beside them.")
    if not (target.get("resourceArns") or target.get("resourceTags") or target.get("parameters")):
        raise AwsError("ValidationException", f"Target {name} must have resource ARNs, tags or parameters.")


def resolve(account: str, region: str, target: Mapping[str, Any]) -> list[str]:
    """The ARNs of what a target selects."""
    kind = target["resourceType"]
    found = [arn for arn in _candidates(account, region, target) if KINDS[kind] in arn]
    zones = (target.get("parameters") or {}).get("writerAvailabilityZoneIdentifiers", "all")
    if kind == CLUSTER and zones != "all":
        found = [arn for arn in found if _writers_zone(account, region, arn) in zones.split(",")]
    return found


def subnet_ids(arns: Iterable[str]) -> list[str]:
    """The ids in the ARNs of subnets."""
    return [arn.rpartition("/")[2] for arn in arns]


def _candidates(account: str, region: str, target: Mapping[str, Any]) -> list[str]:
    if target.get("resourceArns"):
        return [arn for arn in target["resourceArns"] if _exists(account, region, target["resourceType"], arn)]
    if target["resourceType"] == TASK:
        return _tasks(account, region, target)
    wanted = (target.get("resourceTags") or {}).items()
    return [one.arn for one in tagged_resources(account, region) if wanted <= dict(one.tags).items()]


def _exists(account: str, region: str, kind: str, arn: str) -> bool:
    if kind == SUBNET:
        return any(arn.endswith(f"/{subnet}") for subnet in _subnets(account, region))
    return kind != CLUSTER or any(cluster.arn == arn for cluster in clusters_of(account, region))


def _subnets(account: str, region: str) -> list[str]:
    return [subnet for by_zone in ec2_backends[account][region].subnets.values() for subnet in by_zone]


def _writers_zone(account: str, region: str, arn: str) -> str:
    cluster = next(one for one in clusters_of(account, region) if one.arn == arn)
    return str(cluster.writer.availability_zone) if cluster.writer else ""


def _tasks(account: str, region: str, target: Mapping[str, Any]) -> list[str]:
    parameters = target.get("parameters") or {}
    filters = {one["path"]: one["values"] for one in target.get("filters") or []}
    if unknown := set(filters) - {"AvailabilityZone"}:
        raise AwsError(
            "ValidationException", f"The local AWS filters tasks by AvailabilityZone, not {sorted(unknown)}."
        )
    group = f"service:{parameters['service'].rpartition('/')[2]}"
    return [
        arn
        for arn, task in containers.tasks_in(account, region).items()
        if task.cluster_arn.rpartition("/")[2] == parameters["cluster"].rpartition("/")[2]
        and task.request.group == group
        and task.network
        and task.network.zone in filters.get("AvailabilityZone", [task.network.zone])
    ]
