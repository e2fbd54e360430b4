"""Repairs of Cloud Map: the hosted zone that belongs to a namespace."""

from typing import Any

from local_aws.calls import Call
from local_aws.registry import Output, Plain, repairs

ZONE = "HostedZoneId"


def _zones(call: Call) -> dict[str, Any]:
    zones: dict[str, Any] = call.backend("route53").zones
    return zones


@repairs("servicediscovery", "CreatePrivateDnsNamespace")
def make_zone_of_namespace(call: Call, plain: Plain) -> Output:
    """moto's zone has another name, no VPC, an id that no call takes, and a delegation set that stays behind.

    https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html
    """
    sets = call.backend("route53").delegation_sets
    before = set(sets)
    output, backend = plain(), call.backend()
    for identity in set(sets) - before:
        del sets[identity]
    namespace = backend.namespaces[backend.operations[output["OperationId"]].targets["NAMESPACE"]]
    zone = _zones(call)[namespace.dns_properties[ZONE].rpartition("/")[2]]
    namespace.dns_properties[ZONE] = zone.resource_id
    zone.name = f"{namespace.name}."
    for record in zone.rrsets:
        record.name = zone.name
    zone.add_vpc(call.params["Vpc"], call.region)
    return output


@repairs("servicediscovery", "DeleteNamespace")
def delete_zone_with_namespace(call: Call, plain: Plain) -> Output:
    """moto leaves the zone behind."""
    namespace = call.backend().get_namespace(call.params["Id"])
    output = plain()
    _zones(call).pop((namespace.dns_properties or {}).get(ZONE, ""), None)
    return output


@repairs("servicediscovery", "UpdatePrivateDnsNamespace")
def keep_zone_in_an_update(call: Call, plain: Plain) -> Output:
    """moto forgets the zone where the call says anything about the namespace's DNS."""
    namespace = call.backend().get_namespace(call.params["Id"])
    before = namespace.dns_properties
    output = plain()
    namespace.dns_properties = {**before, **namespace.dns_properties}
    return output


@repairs("servicediscovery", "CreateService")
def find_namespace_in_dns_settings(call: Call, plain: Plain) -> Output:
    """moto does not know the namespace of a service whose DNS settings name it, as Terraform's do."""
    output, given = plain(), call.params
    named = given.get("NamespaceId") or (given.get("DnsConfig") or {}).get("NamespaceId")
    if named:
        service = call.backend().services[output["Service"]["Id"]]
        service.namespace_id = output["Service"]["NamespaceId"] = named
    return output
