"""EC2: tags are kept by id; a resource's type in its ARN is not always what its id begins with.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from collections.abc import Iterator
from typing import Any

from local_aws.leftovers import GONE
from local_aws.tagging.tagged import Tagged, TaggedByKey

COLLECTIONS = {
    "carrier-gateway": "carrier_gateways",
    "customer-gateway": "customer_gateways",
    "dedicated-host": "hosts",
    "dhcp-options": "dhcp_options_sets",
    "egress-only-internet-gateway": "egress_only_internet_gateways",
    "fleet": "fleets",
    "image": "amis",
    "internet-gateway": "internet_gateways",
    "launch-template": "launch_templates",
    "natgateway": "nat_gateways",
    "network-acl": "network_acls",
    "network-interface": "enis",
    "prefix-list": "managed_prefix_lists",
    "route-table": "route_tables",
    "snapshot": "snapshots",
    "spot-instances-request": "spot_instance_requests",
    "transit-gateway": "transit_gateways",
    "transit-gateway-attachment": "transit_gateway_attachments",
    "transit-gateway-route-table": "transit_gateways_route_tables",
    "volume": "volumes",
    "vpc": "vpcs",
    "vpc-endpoint": "vpc_end_points",
    "vpc-endpoint-service": "configurations",
    "vpc-flow-log": "flow_logs",
    "vpc-peering-connection": "vpc_pcxs",
    "vpn-connection": "vpn_connections",
    "vpn-gateway": "vpn_gateways",
}
"""moto's collections, by id, of each type."""


def walk(backend: Any, region: str) -> Iterator[Tagged]:
    """All resources of EC2 that can have tags."""
    start = f"arn:{backend.partition}:ec2:{region}:{backend.account_id}:"
    tags = backend.tags
    for kind, identity in _existing(backend):
        yield TaggedByKey(f"{start}{kind}/{identity}", tags, identity)


def _existing(backend: Any) -> Iterator[tuple[str, str]]:
    """Type and id of each."""
    for kind, collection in COLLECTIONS.items():
        for identity, resource in list(getattr(backend, collection).items()):
            if not _gone(resource):
                yield kind, identity
    for subnets in list(backend.subnets.values()):
        for identity in list(subnets):
            yield "subnet", identity
    for groups in list(backend.groups.values()):
        for group in list(groups.values()):
            yield "security-group", group.id
            for rule in (*group.ingress_rules, *group.egress_rules):
                yield "security-group-rule", rule.id
    for address in list(backend.addresses):
        yield "elastic-ip", address.allocation_id
    for pair in list(backend.key_pairs.values()):
        yield "key-pair", pair.id
    for reservation in list(backend.reservations.values()):
        for instance in list(reservation.instances):
            if instance.state not in GONE:
                yield "instance", instance.id


def _gone(resource: Any) -> bool:
    state = getattr(resource, "state", None)
    return isinstance(state, str) and state.lower() in GONE
