"""How a workload in a private subnet reaches the AWS services, with a NAT gateway or without."""

from __future__ import annotations

from cdktf import ITerraformDependable

from lib.networking.endpoints import InterfaceEndpoints
from lib.networking.network import ANYWHERE, Network
from lib.region import Region
from lib.security_group import HTTPS_PORT, WorkloadSecurityGroup


class AwsServices:
    """The AWS services over HTTPS: anywhere through NAT, or only at VPC endpoints where there is no NAT."""

    def __init__(self, region: Region, *, network: Network) -> None:
        self._network = network
        self._endpoints: InterfaceEndpoints | None = None
        if region.settings.nat == "none":
            self._endpoints = InterfaceEndpoints(region, vpc_id=network.vpc_id, subnet_ids=network.private_subnet_ids)

    @property
    def ready(self) -> list[ITerraformDependable]:
        """What must be there, beside its own rules, before a workload can call the services."""
        return [*self._endpoints.endpoints] if self._endpoints else self._network.private_routes

    def allow(self, workload: WorkloadSecurityGroup, *, storage: bool = False) -> None:
        """Open the way from a workload in a private subnet; `storage` to S3 and DynamoDB too."""
        if not self._endpoints:
            workload.may_reach_https("aws", description="AWS services through NAT", cidr=ANYWHERE)
            return
        workload.may_reach(self._endpoints.security_group, port=HTTPS_PORT)
        for service, endpoint in self._network.gateway_endpoints.items() if storage else ():
            workload.may_reach_https(
                service, description=f"{service} through its gateway endpoint", prefix_list=endpoint.prefix_list_id
            )
