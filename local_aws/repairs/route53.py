"""Repairs of Route 53."""

from typing import Any

from local_aws.calls import Call
from local_aws.registry import Output, Plain, repairs


@repairs("route53", "CreateHostedZone")
def make_zones_with_vpc_private(call: Call, plain: Plain) -> Output:
    """moto makes a zone private only if told so twice, and drops its VPC otherwise. With a VPC a zone is private."""
    output, vpc = plain(), call.params.get("VPC")
    if vpc:
        zone = call.backend().zones[output["HostedZone"]["Id"].rpartition("/")[2]]
        if not zone.private_zone:
            zone.private_zone = True
            zone.add_vpc(vpc["VPCId"], vpc["VPCRegion"])
        output["HostedZone"].setdefault("Config", {})["PrivateZone"] = True
        output["VPC"] = vpc
        output.pop("DelegationSet", None)
    return output


@repairs("route53", "CreateHostedZone")
def keep_only_reusable_delegation_sets(call: Call, plain: Plain) -> Output:
    """moto makes a reusable delegation set for each zone, and leaves it behind."""
    sets = call.backend().delegation_sets
    before = set(sets)
    output = plain()
    for identity in set(sets) - before:
        del sets[identity]
    return output


@repairs("route53", "ChangeResourceRecordSets")
def delete_only_the_record_that_is_named(call: Call, plain: Plain) -> Output:
    """moto deletes every record of the zone that has the same set identifier, whatever its name and type."""
    zone = call.backend().zones.get(call.params["HostedZoneId"].rpartition("/")[2])
    before = list(zone.rrsets) if zone else []
    changes = call.params["ChangeBatch"]["Changes"]
    deleted = [change["ResourceRecordSet"] for change in changes if change["Action"] == "DELETE"]
    gone = {(f"{one['Name'].rstrip('.')}.", one["Type"], one.get("SetIdentifier")) for one in deleted}
    output = plain()
    left = {_identity(record) for record in zone.rrsets} | gone
    zone.rrsets += [record for record in before if _identity(record) not in left]
    return output


def _identity(record: Any) -> tuple[str, str, str | None]:
    return record.name, record.type, record.set_identifier


@repairs("route53", "CreateHealthCheck")
def default_to_tls(call: Call, plain: Plain) -> Output:
    """moto's HTTPS checks go to port 80 and send no server name (SNI) where the call says nothing of it.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
    """
    output, config = plain(), call.params["HealthCheckConfig"]
    if config["Type"].startswith("HTTPS"):
        check, shown = call.backend().health_checks[output["HealthCheck"]["Id"]], output["HealthCheck"]
        check.port, check.enable_sni = config.get("Port", 443), config.get("EnableSNI", True)
        shown["HealthCheckConfig"] |= {"Port": check.port, "EnableSNI": check.enable_sni}
    return output
