"""What stays in a network of the environment, or in a zone of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tap.inventory.listers.search import Lister, Search, of_state, part_of
from tap.inventory.listing import batches, exists, listed
from tap.inventory.network_existence import AT_ONCE
from tap.inventory.resource import Evidence, Resource

HELD_BY: Mapping[str, tuple[str, ...]] = {
    "lambda": ("lambda:function",),
    "nat_gateway": ("ec2:natgateway",),
    "vpc_endpoint": ("ec2:vpc-endpoint",),
    "gateway_load_balancer_endpoint": ("ec2:vpc-endpoint",),
    "interface": (
        "rds:cluster",
        "rds:db",
        "rds:db-proxy",
        "ecs:cluster",
        "ecs:service",
        "elasticloadbalancing:loadbalancer",
    ),
}
"""By the type of an interface, whose it is while it is in use (`InterfaceType` of DescribeNetworkInterfaces; those of
RDS, ECS tasks and load balancers are plain ones)."""


def network_interfaces(search: Search) -> Iterator[Resource]:
    """Interfaces in the environment's VPCs that nothing holds any more.

    One in use goes with what holds it: it counts when no resource of that kind is left. Lambda's stay for up
    to an hour.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    vpcs = {vpc.rpartition("/")[2]: vpc for vpc in search.owners("ec2:vpc")}
    for batch in batches(sorted(vpcs), AT_ONCE):
        filters = [{"Name": "vpc-id", "Values": list(batch)}]
        interfaces = listed(search.account, "ec2", "describe_network_interfaces", "NetworkInterfaces", Filters=filters)
        for interface in interfaces:
            if _is_left(search, interface):
                arn = search.arn("ec2", f"network-interface/{interface['NetworkInterfaceId']}")
                yield part_of(vpcs[interface["VpcId"]], arn)


def _is_left(search: Search, interface: Mapping[str, Any]) -> bool:
    if interface["Status"] == "available":
        return True
    holders = HELD_BY.get(interface.get("InterfaceType", "interface"), ())
    return bool(holders) and interface.get("RequesterManaged", False) and not search.exist(*holders)


def records(search: Search) -> Iterator[Resource]:
    """Records that keep a zone of the environment from its deletion, and those that it has in other zones.

    In its own zone: all but the two that Route 53 made and those that the state lists. In another: those of the state.
    """
    own = {zone.rpartition("/")[2]: zone for zone in search.owners("route53:hostedzone")}
    listed_: dict[str, set[tuple[str, str, str]]] = {}
    for record in search.in_state("aws_route53_record"):
        zone, name = record.attributes.get("zone_id"), record.attributes.get("fqdn") or record.name
        if isinstance(zone, str) and isinstance(name, str):
            key = (
                name.rstrip("."),
                str(record.attributes.get("type")),
                str(record.attributes.get("set_identifier") or ""),
            )
            listed_.setdefault(zone, set()).add(key)
    for zone in sorted(own.keys() | listed_.keys()):
        answer = exists(search.account, "route53", "get_hosted_zone", Id=zone)
        if answer is None:
            continue
        apex = answer["HostedZone"]["Name"].rstrip(".")
        for found in listed(
            search.account, "route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone
        ):
            key = (found["Name"].rstrip("."), found["Type"], found.get("SetIdentifier", ""))
            if key[0] == apex and key[1] in ("NS", "SOA"):
                continue
            arn = search.arn("route53", f"hostedzone/{zone}/{'/'.join(filter(None, key))}", region="", account_id="")
            if zone not in own and key in listed_[zone]:
                yield of_state(arn, "route53:record")
            elif zone in own and key not in listed_.get(zone, ()):
                yield part_of(own[zone], arn, "route53:record")


def half_made_zones(search: Search) -> Iterator[Resource]:
    """Private zones of the environment's name in its VPC; those that were found before Terraform removed the VPC, too.

    The provider gives a zone its tags only when Route 53 has made it known everywhere, half a minute later.
    """
    found = {zone.arn: zone for zone in search.tagged if zone.evidence is Evidence.OWNER}
    for zone in found.values():
        if zone.type == "route53:hostedzone" and exists(search.account, "route53", "get_hosted_zone", Id=zone.name):
            yield zone
    for vpc in (one for one in search.existing if one.type == "ec2:vpc"):
        for summary in listed(
            search.account,
            "route53",
            "list_hosted_zones_by_vpc",
            "HostedZoneSummaries",
            VPCId=vpc.name,
            VPCRegion=vpc.region,
        ):
            arn = search.arn("route53", f"hostedzone/{summary['HostedZoneId']}", region="", account_id="")
            own = summary["Owner"].get("OwningAccount") == search.account.id
            if own and summary["Name"].startswith(f"payment-{search.suffix}.") and arn not in found:
                yield part_of(vpc.arn, arn)


LISTERS = (
    Lister(
        "route53:hostedzone",
        "A zone gets its tags in a second step: a killed run leaves it without.",
        half_made_zones,
        is_global=True,
    ),
    Lister(
        "ec2:network-interface",
        "Services make them without tags, and they block the deletion of the VPC.",
        network_interfaces,
    ),
    Lister(
        "route53:record",
        "Records have no tags; one in another's zone survives, a stray one blocks its zone.",
        records,
        is_global=True,
    ),
)
