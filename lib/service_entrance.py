"""How requests come to the payment service in one Region: certificate, load balancer, firewall, and their logs."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.route53_record import Route53Record

from lib.dns.certificate import Certificate
from lib.dns.public_zone import PublicZone
from lib.dns.service_records import ServiceRecords
from lib.foundation import Foundation
from lib.networking.load_balancer import HEALTH_PATH, LoadBalancer
from lib.networking.web_acl import WebAcl
from lib.region import Region
from lib.storage.logs_bucket import LOAD_BALANCER_PREFIX, LogsBucket


class ServiceEntrance:
    """Composes the way in under the API's own name, whose record leads to the load balancer once that is there."""

    def __init__(
        self, region: Region, *, foundation: Foundation, zone: PublicZone, proof: Route53Record | None = None
    ) -> None:
        """`proof` is the record that proves to ACM whose the name is, where another Region has made it."""
        network = foundation.network
        self.certificate = Certificate(region, zone_id=zone.id, delegation=zone.delegation, proof=proof)
        self.logs = LogsBucket(region, key=foundation.key)
        self.balancer = LoadBalancer(
            region,
            vpc_id=network.vpc_id,
            subnet_ids=network.public_subnet_ids,
            internet_gateway=network.internet_gateway,
            certificate_arn=self.certificate.arn,
            log_bucket=self.logs.name,
            log_prefix=LOAD_BALANCER_PREFIX,
            # The load balancer's name leads to public addresses, in the VPC too: testers there come through NAT.
            tester_cidrs=[f"{gateway.public_ip}/32" for gateway in network.nat_gateways],
        )
        self.firewall = WebAcl(region, key_arn=foundation.key.arn, load_balancer_arn=self.balancer.arn)
        self.records = ServiceRecords(
            region,
            zone_id=zone.id,
            host=self.balancer.host,
            health_path=HEALTH_PATH,
            alias=self.balancer.alias,
        )

    @property
    def target_groups(self) -> dict[str, str]:
        """The ARN suffixes of the target groups, by colour."""
        green = self.balancer.green
        return {"blue": self.balancer.blue.arn_suffix, **({"green": green.arn_suffix} if green else {})}

    def outputs(self) -> dict[str, str]:
        return {**self.logs.outputs(), **self.balancer.outputs(), **self.firewall.outputs()}
