"""One name for the API of two Regions, and the health checks that decide where it leads."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_aws.route53_record import Route53Record
from cdktf_cdktf_provider_aws.route53_zone import Route53ZoneVpc

from lib.api.payment_api import HEALTH_PATH, PaymentApi
from lib.dns.certificate import Certificate
from lib.dns.custom_domain import CustomDomain
from lib.dns.private_zone import PrivateZone
from lib.dns.public_zone import PublicZone
from lib.dns.service_records import ServiceRecords
from lib.foundation import Foundation
from lib.region import Region


class FailoverDns:
    """Composes zone and failover records: in public DNS with TLS for an owned domain, else in both VPCs."""

    def __init__(self, both: Region, *, apis: Mapping[Foundation, PaymentApi]) -> None:
        """`apis` are the primary Region's and the secondary's, in this order."""
        self._region = both
        self._owned = both.settings.domain_is_owned
        self._hosts = [api.host for api in apis.values()]
        self._endpoints = self._public(apis) if self._owned else self._private(apis)

    @property
    def health_check_ids(self) -> list[str]:
        return [endpoint.health_check.id for endpoint in self._endpoints]

    def outputs(self) -> dict[str, str]:
        domain = self._region.settings.api_domain
        checks = {name: value for endpoint in self._endpoints for name, value in endpoint.outputs().items()}
        url = f"https://{domain if self._owned else self._hosts[0]}"
        return {"zone_id": self._zone_id, "api_domain": domain, "api_url": url, **checks}

    def _private(self, apis: Mapping[Foundation, PaymentApi]) -> list[ServiceRecords]:
        zone = PrivateZone(
            self._region,
            vpcs=[Route53ZoneVpc(vpc_id=side.network.vpc_id, vpc_region=side.region.name) for side in apis],
        )
        self._zone_id = zone.id
        return [
            ServiceRecords(side.region, zone_id=zone.id, host=api.host, health_path=HEALTH_PATH)
            for side, api in apis.items()
        ]

    def _public(self, apis: Mapping[Foundation, PaymentApi]) -> list[ServiceRecords]:
        zone = PublicZone(self._region)
        self._zone_id = zone.id
        endpoints: list[ServiceRecords] = []
        proof: Route53Record | None = None
        for side, api in apis.items():
            certificate = Certificate(side.region, zone_id=zone.id, delegation=zone.delegation, proof=proof)
            proof = certificate.proof
            domain = CustomDomain(side.region, certificate_arn=certificate.arn, api_id=api.id, stage_id=api.stage.id)
            endpoints.append(
                ServiceRecords(side.region, zone_id=zone.id, host=api.host, health_path=HEALTH_PATH, alias=domain.alias)
            )
        return endpoints
