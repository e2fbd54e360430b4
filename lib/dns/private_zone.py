"""DNS inside the VPC, for a domain that nobody owns (such as `testing.local`)."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.route53_record import Route53Record
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone, Route53ZoneVpc
from constructs import Construct

from lib.settings import Settings

RECORD_TTL_SECONDS = 60


class PrivateZone:
    """A zone that only the VPC sees. Its record names the API's host, for discovery.

    No certificate can be had for such a domain, so a TLS client calls the host that the record leads to.
    """

    def __init__(self, scope: Construct, *, settings: Settings, vpc_id: str, api_host: str) -> None:
        self.zone = Route53Zone(
            scope,
            "zone",
            name=settings.zone_name,
            comment=f"Payment environment {settings.environment_suffix}",
            vpc=[Route53ZoneVpc(vpc_id=vpc_id)],
            force_destroy=not settings.protected,
        )
        self.record = Route53Record(
            scope,
            "api_record",
            zone_id=self.zone.zone_id,
            name=settings.api_domain,
            type="CNAME",
            ttl=RECORD_TTL_SECONDS,
            records=[api_host],
        )
        self.api_url = f"https://{api_host}"

    def outputs(self) -> dict[str, str]:
        return {"zone_id": self.zone.zone_id, "api_domain": self.record.name, "api_url": self.api_url}
