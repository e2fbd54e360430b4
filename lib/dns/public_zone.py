"""Public DNS for a domain that is owned: a zone of the environment's own, delegated to it."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone

from lib.region import Region

RECORD_TTL_SECONDS = 60


class PublicZone:
    """A zone delegated from the owned domain."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self.zone = region.add(
            Route53Zone,
            "zone",
            name=region.settings.zone_name,
            comment=f"Payment environment {region.settings.environment_suffix}",
            force_destroy=not region.settings.protected,
        )
        self.id = self.zone.zone_id
        self.delegation = region.add(
            Route53Record,
            "zone_delegation",
            zone_id=str(region.settings.parent_zone_id),
            name=region.settings.zone_name,
            type="NS",
            ttl=RECORD_TTL_SECONDS,
            records=self.zone.name_servers,
        )

    def add_api(self, target: Route53RecordAlias) -> Route53Record:
        """Lead the API's own name to its custom domain."""
        return self._region.add(
            Route53Record,
            "api_record",
            zone_id=self.id,
            name=self._region.settings.api_domain,
            type="A",
            alias=target,
        )
