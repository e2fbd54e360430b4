"""How a workload in a private subnet reaches the AWS services, with a NAT gateway or without."""

from __future__ import annotations

from constructs import Construct

from lib.networking.endpoints import InterfaceEndpoints
from lib.networking.network import ANYWHERE, Network
from lib.security_group import HTTPS_PORT, WorkloadSecurityGroup
from lib.settings import Settings


def allow_aws_services(
    scope: Construct, *, settings: Settings, network: Network, workload: WorkloadSecurityGroup
) -> None:
    """Open HTTPS to the AWS services: anywhere through NAT, or only to VPC endpoints where there is no NAT."""
    if settings.nat != "none":
        workload.may_reach_https("aws", description="AWS services through NAT", cidr=ANYWHERE)
        return
    endpoints = InterfaceEndpoints(
        scope, settings=settings, vpc_id=network.vpc_id, subnet_ids=network.private_subnet_ids
    )
    workload.may_reach(endpoints.security_group, port=HTTPS_PORT)
    for service, endpoint in network.gateway_endpoints.items():
        workload.may_reach_https(
            service, description=f"{service} through its gateway endpoint", prefix_list=endpoint.prefix_list_id
        )
