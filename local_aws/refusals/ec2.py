"""What EC2 refuses and moto accepts: deletion of what is in use."""

from collections.abc import Iterator
from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import refuses


def _dependency(message: str) -> AwsError:
    return AwsError("DependencyViolation", message)


def _databases(call: Call) -> Iterator[Any]:
    """RDS clusters: their instances hold network interfaces, which moto does not make."""
    yield from call.backend("rds").clusters.values()


def _endpoints(call: Call) -> list[Any]:
    found = call.backend().vpc_end_points.values()
    return [endpoint for endpoint in found if endpoint.state not in ("deleted", "deleting")]


@refuses("ec2", "DeleteSecurityGroup")
def group_in_use(call: Call) -> None:
    """A group goes after all that uses it: interfaces, databases, endpoints, rules of other groups."""
    identity, backend = call.params.get("GroupId"), call.backend()
    group = backend.get_security_group_from_id(identity)
    if group is None:
        return
    if group.is_default:
        raise AwsError("CannotDelete", f'the specified group: "{identity}" name: "default" cannot be deleted by a user')
    users = (
        any(identity == held.id for interface in backend.enis.values() for held in interface.group_set),
        any(identity in database.vpc_security_group_ids for database in _databases(call)),
        any(identity in (endpoint.security_group_ids or []) for endpoint in _endpoints(call)),
        any(
            rule.source_group.get("GroupId") == identity
            for groups in backend.groups.values()
            for other in groups.values()
            for rule in (*other.ingress_rules, *other.egress_rules)
            if other.id != identity and rule.source_group
        ),
    )
    if any(users):
        raise _dependency(f"resource {identity} has a dependent object")


@refuses("ec2", "DeleteSubnet")
def subnet_in_use(call: Call) -> None:
    """A subnet goes after its interfaces, its endpoints and the databases in it."""
    identity, backend = call.params["SubnetId"], call.backend()
    groups = call.backend("rds").subnet_groups
    users = (
        any(interface.subnet.id == identity for interface in backend.enis.values()),
        any(identity in (endpoint.subnet_ids or []) for endpoint in _endpoints(call)),
        any(
            identity in {subnet.id for subnet in groups[database.db_subnet_group]._subnets}
            for database in _databases(call)
            if database.db_subnet_group in groups
        ),
    )
    if any(users):
        raise _dependency(f"The subnet '{identity}' has dependencies and cannot be deleted.")


@refuses("ec2", "DetachInternetGateway")
def gateway_in_use(call: Call) -> None:
    """An internet gateway goes after the NAT gateways that need it."""
    vpc = call.params["VpcId"]
    if any(gateway.vpc_id == vpc and gateway.state != "deleted" for gateway in call.backend().nat_gateways.values()):
        raise _dependency(f"Network {vpc} has some mapped public address(es). Please unmap those before detaching.")


@refuses("ec2", "DeleteVpc")
def vpc_in_use(call: Call) -> None:
    """A VPC goes after its security groups, gateways and endpoints."""
    identity, backend = call.params["VpcId"], call.backend()
    users = (
        any(not group.is_default and group.name != "default" for group in backend.groups.get(identity, {}).values()),
        any(gateway.vpc and gateway.vpc.id == identity for gateway in backend.internet_gateways.values()),
        any(endpoint.vpc_id == identity for endpoint in _endpoints(call)),
    )
    if any(users):
        raise _dependency(f"The vpc '{identity}' has dependencies and cannot be deleted.")
