"""Health checks of the API in two Regions, and one name for both, which leaves the primary while that is ill."""

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


class FailoverEndpoint:
    """The API of one Region under the common name: its health check and its failover record."""

    def __init__(
        self, region: Region, *, zone_id: str, host: str, health_path: str, alias: Route53RecordAlias | None = None
    ) -> None:
        """`host` serves `health_path` to everyone. The record leads to `alias`, or else to the host's name."""
        role = region.settings.role
        assert role is not None  # Only two Regions can fail over.
        self._role = role
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
        self.record = region.add(
            Route53Record,
            "api_record",
            zone_id=zone_id,
            name=region.settings.api_domain,
            type="A" if alias else "CNAME",
            ttl=None if alias else RECORD_TTL_SECONDS,
            records=None if alias else [host],
            alias=alias,
            set_identifier=role.value,
            failover_routing_policy=Route53RecordFailoverRoutingPolicy(type=role.name),
            health_check_id=self.health_check.id,
        )

    def outputs(self) -> dict[str, str]:
        return {f"{self._role}_health_check_id": self.health_check.id}
