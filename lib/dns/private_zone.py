"""DNS inside VPCs, for a domain that nobody owns (such as `testing.local`)."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.route53_record import Route53Record
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone, Route53ZoneVpc

from lib.region import Region

RECORD_TTL_SECONDS = 60


class PrivateZone:
    """A zone that only its VPCs see. Records in it name the API's host, for discovery.

    No certificate can be had for such a domain, so a TLS client calls the host that the record leads to.
    """

    def __init__(self, region: Region, *, vpcs: Sequence[Route53ZoneVpc]) -> None:
        self._region = region
        self.zone = region.add(
            Route53Zone,
            "zone",
            name=region.settings.zone_name,
            comment=f"Payment environment {region.settings.environment_suffix}",
            vpc=list(vpcs),
            force_destroy=not region.settings.protected,
        )
        self.id = self.zone.zone_id

    def add_api(self, host: str) -> Route53Record:
        """Name the API's host."""
        return self._region.add(
            Route53Record,
            "api_record",
            zone_id=self.id,
            name=self._region.settings.api_domain,
            type="CNAME",
            ttl=RECORD_TTL_SECONDS,
            records=[host],
        )
