"""What Route 53 refuses of health checks, failover records and private zones and moto accepts.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover.html
"""

import re
from collections.abc import Iterator
from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import refuses

INTERVALS = (10, 30)
HOST = re.compile(r"[A-Za-z0-9_*.-]{1,255}")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidInput", f"Invalid parameter : {message}")


@refuses("route53", "CreateHealthCheck", "UpdateHealthCheck")
def endpoints_that_cannot_be_checked(call: Call) -> None:
    """Path, interval and domain name. Ports out of range are against the service model."""
    given = call.params.get("HealthCheckConfig") or call.params
    path, interval, name = (given.get(key) for key in ("ResourcePath", "RequestInterval", "FullyQualifiedDomainName"))
    if path and (not path.startswith("/") or re.search(r"\s", path)):
        raise _invalid(f"Resource path must begin with / and have no spaces: {path}")
    if path and given.get("Type") == "TCP":
        raise _invalid("Resource path is not for health checks of type TCP.")
    if interval and interval not in INTERVALS:
        raise _invalid(f"Request interval must be 10 or 30 seconds: {interval}")
    if name and not HOST.fullmatch(name):
        raise _invalid(f"Fully qualified domain name is not a domain name: {name}")


@refuses("route53", "CreateHostedZone", "AssociateVPCWithHostedZone")
def vpc_that_does_not_exist(call: Call) -> None:
    """The VPC must exist, in the Region that is named."""
    vpc = call.params.get("VPC")
    if vpc and vpc["VPCId"] not in call.backend("ec2", vpc["VPCRegion"]).vpcs:
        raise AwsError("InvalidVPCId", f"The VPC {vpc['VPCId']} in region {vpc['VPCRegion']} does not exist.")


@refuses("route53", "ChangeResourceRecordSets")
def failover_records(call: Call) -> None:
    """One PRIMARY and one SECONDARY record of a name and type, each with an identifier of its own."""
    zone = call.backend().zones.get(call.params["HostedZoneId"].rpartition("/")[2])
    records = {_identity(one): one for one in _existing(zone)} if zone else {}
    for change in call.params["ChangeBatch"]["Changes"]:
        record = change["ResourceRecordSet"]
        identity = _identity(record)
        records.pop(identity, None)
        if change["Action"] == "DELETE":
            continue
        same = [other for key, other in records.items() if key[:2] == identity[:2]]
        _check(call, record, same)
        records[identity] = record


def _check(call: Call, record: dict[str, Any], same: list[dict[str, Any]]) -> None:
    kind, what = record.get("Failover"), f"[Name={record['Name']}, Type={record['Type']}]"
    check = record.get("HealthCheckId")
    if check and check not in call.backend().health_checks:
        raise AwsError(
            "InvalidInput", f"Invalid request: The health check {check} does not exist in Change with {what}"
        )
    if any(bool(other.get("Failover")) != bool(kind) for other in same):
        raise AwsError("InvalidChangeBatch", f"A record set {what} exists with another routing policy.")
    if not kind:
        return
    if not record.get("SetIdentifier"):
        raise AwsError("InvalidInput", f"Invalid request: Missing field 'SetIdentifier' in Change with {what}")
    if any(other["Failover"] == kind for other in same):
        raise AwsError("InvalidChangeBatch", f"A {kind} failover record set {what} already exists.")
    if kind == "PRIMARY" and not check and not record.get("AliasTarget"):
        text = f"A non-alias primary failover record must have an associated health check: {what}"
        raise AwsError("InvalidChangeBatch", text)


def _existing(zone: Any) -> Iterator[dict[str, Any]]:
    for one in zone.rrsets:
        yield {"Name": one.name, "Type": one.type, "SetIdentifier": one.set_identifier, "Failover": one.failover}


def _identity(record: dict[str, Any]) -> tuple[str, str, str | None]:
    return f"{record['Name'].rstrip('.').lower()}.", record["Type"], record.get("SetIdentifier")
