"""The VPC: three zones with public, private and isolated subnets, and the ways out of them."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint

from lib.region import Region

ANYWHERE = "0.0.0.0/0"
# Third octet of the first /24 of each tier.
PUBLIC_OFFSET, PRIVATE_OFFSET, ISOLATED_OFFSET = 0, 10, 20


class Network:
    """Three tiers of subnets over three zones.

    Public subnets hold the NAT gateways, private ones the functions, isolated ones the databases (no way out).
    """

    def __init__(self, region: Region) -> None:
        self._region = region
        self.vpc = region.add(
            Vpc,
            "vpc",
            cidr_block=region.settings.vpc_cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": region.settings.regional_name("vpc")},
        )
        self.vpc_id = self.vpc.id
        # Adopted without a rule, so that nothing that forgets its own group can talk.
        region.add(
            DefaultSecurityGroup,
            "default_security_group",
            vpc_id=self.vpc_id,
            tags={"Name": region.settings.name("default-closed")},
        )
        self.internet_gateway = region.add(
            InternetGateway, "internet_gateway", vpc_id=self.vpc_id, tags={"Name": region.settings.name("igw")}
        )
        self.public_subnet_ids = self._subnet_ids("public", PUBLIC_OFFSET)
        self.private_subnet_ids = self._subnet_ids("private", PRIVATE_OFFSET)
        self.isolated_subnet_ids = self._subnet_ids("isolated", ISOLATED_OFFSET)

        public_table = self._route_table("public")
        region.add(
            Route,
            "public_route",
            route_table_id=public_table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=self.internet_gateway.id,
        )
        isolated_table = self._route_table("isolated")
        private_tables = [self._route_table(f"private-{zone[-1]}") for zone in region.settings.zones]
        self._associate("public", self.public_subnet_ids, [public_table] * 3)
        self._associate("isolated", self.isolated_subnet_ids, [isolated_table] * 3)
        # What functions need, beside their security groups, to get out through NAT.
        self.private_routes: list[ITerraformDependable] = [
            *self._associate("private", self.private_subnet_ids, private_tables)
        ]
        self.nat_gateways = self._nat_gateways(private_tables)
        self.gateway_endpoints = self._gateway_endpoints([*private_tables, isolated_table])

    def outputs(self) -> dict[str, str | list[str]]:
        return {
            "vpc_id": self.vpc_id,
            "public_subnet_ids": self.public_subnet_ids,
            "private_subnet_ids": self.private_subnet_ids,
            "isolated_subnet_ids": self.isolated_subnet_ids,
        }

    def _subnet_ids(self, tier: str, offset: int) -> list[str]:
        zones, blocks = self._region.settings.zones, self._region.settings.subnets(offset)
        return [
            self._region.add(
                Subnet,
                f"{tier}_subnet_{zone[-1]}",
                vpc_id=self.vpc_id,
                availability_zone=zone,
                cidr_block=block,
                map_public_ip_on_launch=False,
                tags={"Name": self._region.settings.name(f"{tier}-{zone[-1]}"), "Tier": tier},
            ).id
            for zone, block in zip(zones, blocks, strict=True)
        ]

    def _route_table(self, name: str) -> RouteTable:
        return self._region.add(
            RouteTable,
            f"{name.replace('-', '_')}_route_table",
            vpc_id=self.vpc_id,
            tags={"Name": self._region.settings.name(f"{name}-routes")},
        )

    def _associate(
        self, tier: str, subnet_ids: Sequence[str], tables: Sequence[RouteTable]
    ) -> list[RouteTableAssociation]:
        return [
            self._region.add(
                RouteTableAssociation, f"{tier}_routes_{zone[-1]}", subnet_id=subnet_id, route_table_id=table.id
            )
            for zone, subnet_id, table in zip(self._region.settings.zones, subnet_ids, tables, strict=True)
        ]

    def _nat_gateways(self, private_tables: Sequence[RouteTable]) -> list[NatGateway]:
        count = {"none": 0, "single": 1, "per-az": len(private_tables)}[self._region.settings.nat]
        gateways = [
            self._nat_gateway(zone[-1], subnet_id)
            for zone, subnet_id in zip(self._region.settings.zones[:count], self.public_subnet_ids[:count], strict=True)
        ]
        if gateways:
            for index, (zone, table) in enumerate(zip(self._region.settings.zones, private_tables, strict=True)):
                route = self._region.add(
                    Route,
                    f"private_route_{zone[-1]}",
                    route_table_id=table.id,
                    destination_cidr_block=ANYWHERE,
                    nat_gateway_id=gateways[index % len(gateways)].id,
                )
                self.private_routes.append(route)
        return gateways

    def _nat_gateway(self, letter: str, subnet_id: str) -> NatGateway:
        name = self._region.settings.name(f"nat-{letter}")
        address = self._region.add(Eip, f"nat_address_{letter}", domain="vpc", tags={"Name": name})
        return self._region.add(
            NatGateway,
            f"nat_gateway_{letter}",
            allocation_id=address.id,
            subnet_id=subnet_id,
            tags={"Name": name},
            depends_on=[self.internet_gateway],
        )

    def _gateway_endpoints(self, tables: Sequence[RouteTable]) -> dict[str, VpcEndpoint]:
        return {
            service: self._region.add(
                VpcEndpoint,
                f"{service}_endpoint",
                vpc_id=self.vpc_id,
                service_name=f"com.amazonaws.{self._region.settings.aws_region}.{service}",
                vpc_endpoint_type="Gateway",
                route_table_ids=[table.id for table in tables],
                tags={"Name": self._region.settings.name(f"{service}-endpoint")},
            )
            for service in ("s3", "dynamodb")
        }
