"""Security groups and their rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap.inventory.resource import Resource
from tap.removal.remover import GoesWithError, Reading, RemovalRefusedError, Remover, Scope, paged, sibling
from tap.removal.removers.network import read


def remove_group(scope: Scope, resource: Resource, reading: Reading) -> None:
    """A group goes after the rules of other groups that refer to it; the default one goes with its VPC."""
    ec2 = scope.client("ec2", resource)
    vpc = sibling(resource, f"vpc/{reading.details['VpcId']}")
    in_vpc = {"Filters": [{"Name": "vpc-id", "Values": [reading.details["VpcId"]]}]}
    for other in paged(ec2, "describe_security_groups", "SecurityGroups", **in_vpc):
        ingress = _naming(resource.name, other.get("IpPermissions") or ())
        egress = _naming(resource.name, other.get("IpPermissionsEgress") or ())
        if other["GroupId"] == resource.name or not (ingress or egress):
            continue
        arn = sibling(resource, f"security-group/{other['GroupId']}")
        if not scope.ours(vpc if other["GroupName"] == "default" else arn):
            raise RemovalRefusedError(
                f"a rule of {other['GroupId']}, which is not of this environment, refers to it: remove that rule"
            )
        if ingress:
            ec2.revoke_security_group_ingress(GroupId=other["GroupId"], IpPermissions=ingress)
        if egress:
            ec2.revoke_security_group_egress(GroupId=other["GroupId"], IpPermissions=egress)
    if reading.details["GroupName"] == "default":
        raise GoesWithError(vpc)
    ec2.delete_security_group(GroupId=resource.name)


def _naming(group: str, permissions: Any) -> list[dict[str, Any]]:
    """The part of the permissions that names the group, as a revocation takes it."""
    found = []
    for permission in permissions:
        pairs = [_pair(pair) for pair in permission.get("UserIdGroupPairs") or () if pair.get("GroupId") == group]
        if pairs:
            ports = {name: permission[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in permission}
            found.append({**ports, "UserIdGroupPairs": pairs})
    return found


def _pair(pair: Mapping[str, Any]) -> dict[str, Any]:
    return {name: pair[name] for name in ("GroupId", "UserId") if name in pair}


def remove_rule(scope: Scope, resource: Resource, reading: Reading) -> None:
    ec2, rule = scope.client("ec2", resource), reading.details
    revoke = ec2.revoke_security_group_egress if rule["IsEgress"] else ec2.revoke_security_group_ingress
    revoke(GroupId=rule["GroupId"], SecurityGroupRuleIds=[resource.name])


REMOVERS = {
    "ec2:security-group": Remover(read, remove_group),
    "ec2:security-group-rule": Remover(read, remove_rule),
}
