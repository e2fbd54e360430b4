"""The API's own name and the health check of what it leads to: in one Region, or in two of which the primary is left
while it is ill.
"""

from __future__ import annotations

from cdktf_cdktf_provider_aws.route53_health_check import Route53HealthCheck
from cdktf_cdktf_provider_aws.route53_record import (
    Route53Record,
    Route53RecordAlias,
    Route53RecordFailoverRoutingPolicy,
)

from lib.region import Region

RECORD_TTL_SECONDS = 60
HTTPS_PORT = 443
INTERVAL_SECONDS = 30
FAILURES = 3


class ServiceRecords:
    """The API of a Region under its own name: its health check and its record.

    In one of two Regions, the record is the primary's or the secondary's of a pair that share the name.
    """

    def __init__(
        self, region: Region, *, zone_id: str, host: str, health_path: str, alias: Route53RecordAlias | None = None
    ) -> None:
        """`host` serves `health_path` to everyone. The record leads to `alias`, or else to the host's name.

        A checker looks at no certificate, so the host may be an AWS name that the certificate does not have.
        https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
        """
        self._role = region.settings.role
        self.health_check = region.add(
            Route53HealthCheck,
            "api_health_check",
            type="HTTPS",
            fqdn=host,
            port=HTTPS_PORT,
            resource_path=health_path,
            request_interval=INTERVAL_SECONDS,
            failure_threshold=FAILURES,
            enable_sni=True,
            # No tag of its own: Route 53 takes ten, which the default tags are, with ExpiresAt.
            # Who leads clients to the other Region while this one still answers inverts it; deploys leave that.
            lifecycle={"ignore_changes": ["invert_healthcheck"]},
        )
        role = self._role
        self.record = region.add(
            Route53Record,
            "api_record",
            zone_id=zone_id,
            name=region.settings.api_domain,
            type="A" if alias else "CNAME",
            ttl=None if alias else RECORD_TTL_SECONDS,
            records=None if alias else [host],
            alias=alias,
            # A record that is alone is answered with, healthy or not.
            set_identifier=role.value if role else None,
            failover_routing_policy=Route53RecordFailoverRoutingPolicy(type=role.name) if role else None,
            health_check_id=self.health_check.id if role else None,
        )

    def outputs(self) -> dict[str, str]:
        prefix = f"{self._role}_" if self._role else ""
        return {f"{prefix}health_check_id": self.health_check.id}
