"""Route 53: hosted zones with their records, and health checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap.inventory.resource import Evidence, Resource
from tap.removal.remover import (
    GoesWithError,
    Reading,
    RemovalRefusedError,
    Remover,
    ResourceGoneError,
    Scope,
    as_tags,
    paged,
)

BATCH = 100
"""Changes in one call, of at most 1,000."""


def read_tagged(scope: Scope, resource: Resource) -> Reading:
    """A zone, which is part of its VPCs if it is private, or a health check."""
    client, kind = scope.client("route53", resource), resource.type.partition(":")[2]
    details = client.get_hosted_zone(Id=resource.name) if kind == "hostedzone" else None
    details = details or client.get_health_check(HealthCheckId=resource.name)
    tags = client.list_tags_for_resource(ResourceType=kind, ResourceId=resource.name)
    partition = resource.arn.split(":")[1]
    owners = (
        f"arn:{partition}:ec2:{vpc['VPCRegion']}:{scope.account.id}:vpc/{vpc['VPCId']}"
        for vpc in details.get("VPCs") or ()
    )
    return Reading(as_tags(tags["ResourceTagSet"]["Tags"]), owners=frozenset(owners), details=details)


def remove_zone(scope: Scope, resource: Resource, reading: Reading) -> None:
    """A zone goes after all its records but the two that Route 53 itself made."""
    if resource.evidence is Evidence.OWNER:
        others = sorted(vpc for vpc in reading.owners - {resource.owner} if not scope.ours(str(vpc)))
        if others:
            raise RemovalRefusedError(
                f"it has no tags, and serves other VPCs too: {', '.join(others)}; take it out of those"
            )
    client, apex = scope.client("route53", resource), reading.details["HostedZone"]["Name"]
    records = paged(client, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=resource.name)
    stray = [record for record in records if not _is_own(record, apex)]
    for start in range(0, len(stray), BATCH):
        _delete(client, resource.name, stray[start : start + BATCH])
    client.delete_hosted_zone(Id=resource.name)


def _is_own(record: Mapping[str, Any], apex: str) -> bool:
    return record["Name"] == apex and record["Type"] in ("NS", "SOA")


def _delete(client: Any, zone: str, records: list[Any]) -> None:
    changes = [{"Action": "DELETE", "ResourceRecordSet": record} for record in records]
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def remove_health_check(scope: Scope, resource: Resource, _: Reading) -> None:
    scope.client("route53", resource).delete_health_check(HealthCheckId=resource.name)


def read_record(scope: Scope, resource: Resource) -> Reading:
    """A record is named `hostedzone/ID/NAME/TYPE`, with `/SETIDENTIFIER` where it has one; its zone is its owner."""
    arn, (zone, name, kind, *identifier) = resource.arn, resource.arn.split(":", 5)[5].split("/")[1:]
    client = scope.client("route53", resource)
    listing = client.list_resource_record_sets(HostedZoneId=zone, StartRecordName=name, StartRecordType=kind)
    apex = client.get_hosted_zone(Id=zone)["HostedZone"]["Name"]
    for record in listing["ResourceRecordSets"]:
        found = (record["Name"].rstrip("."), record["Type"], record.get("SetIdentifier"))
        if found == (name.rstrip("."), kind, identifier[0] if identifier else None):
            owner = f"{arn.partition('hostedzone/')[0]}hostedzone/{zone}"
            return Reading(owners=frozenset({owner}), details={"record": record, "own": _is_own(record, apex)})
    raise ResourceGoneError


def remove_record(scope: Scope, resource: Resource, reading: Reading) -> None:
    if reading.details["own"]:
        raise GoesWithError(next(iter(reading.owners)))
    zone = next(iter(reading.owners)).rpartition("/")[2]
    _delete(scope.client("route53", resource), zone, [reading.details["record"]])


REMOVERS = {
    "route53:hostedzone": Remover(read_tagged, remove_zone),
    "route53:healthcheck": Remover(read_tagged, remove_health_check),
    "route53:record": Remover(read_record, remove_record),
}
