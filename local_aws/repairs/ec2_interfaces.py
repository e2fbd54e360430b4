"""Repairs of EC2: network interfaces of NAT gateways and VPC endpoints are in use, and not a user's to delete."""

from collections.abc import Iterable
from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, Plain, refuses, repairs


def _hold(interfaces: Iterable[Any], interface_type: str, description: str) -> None:
    for interface in interfaces:
        interface.status = "in-use"
        interface.interface_type = interface_type
        interface.requester_managed = True
        interface.description = description


@repairs("ec2", "CreateNatGateway")
def hold_interface_of_nat_gateway(call: Call, plain: Plain) -> Output:
    """moto shows it as an interface that nobody uses."""
    output = plain()
    identity = output["NatGateway"]["NatGatewayId"]
    gateway = call.backend().nat_gateways[identity]
    _hold([gateway._eni], "nat_gateway", f"Interface for NAT Gateway {identity}")
    return output


@repairs("ec2", "CreateVpcEndpoint")
def hold_interfaces_of_endpoint(call: Call, plain: Plain) -> Output:
    """moto shows them as interfaces that nobody uses."""
    output, backend = plain(), call.backend()
    endpoint = backend.vpc_end_points[output["VpcEndpoint"]["VpcEndpointId"]]
    held = [backend.enis[identity] for identity in endpoint.network_interface_ids or () if identity in backend.enis]
    _hold(held, "vpc_endpoint", f"VPC Endpoint Interface {endpoint.id}")
    return output


@refuses("ec2", "DeleteNetworkInterface")
def delete_interface_in_use(call: Call) -> None:
    """AWS deletes none that is in use."""
    identity = call.params["NetworkInterfaceId"]
    interface = call.backend().enis.get(identity)
    if interface is not None and interface.status == "in-use":
        raise AwsError("InvalidParameterValue", f"Network interface '{identity}' is currently in use.")
