"""Where Route 53's failover records lead a name that APIs of several Regions serve.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-failover.html
"""

import time
from collections.abc import Mapping
from typing import Any

from moto.route53.models import route53_backends

PARTITION = "aws"
TRUSTED_SECONDS = 2.0
"""How long a health check's result is used; AWS asks every 10 or 30 seconds, and wants several answers alike."""

_results: dict[str, tuple[float, bool]] = {}


def leads_to(account: str, host: str, targets: Mapping[str, str]) -> str | None:
    """The Region that failover records lead a name to; `targets` are the names that records may lead to, by Region.

    It is the primary's while that is healthy, or while none is; None without such records.
    """
    regions = {target: region for region, target in targets.items()}
    records = {
        record.failover: record
        for zone in list(route53_backends[account][PARTITION].zones.values())
        for record in list(zone.rrsets)
        if record.failover and record.name.rstrip(".") == host and _target(record) in regions
    }
    healthy = [kind for kind in ("PRIMARY", "SECONDARY") if kind in records and _healthy(account, records[kind])]
    chosen = records.get(healthy[0] if healthy else "PRIMARY")
    return regions[_target(chosen)] if chosen else None


def _target(record: Any) -> str:
    alias = record.alias_target or {}
    return str(alias.get("DNSName", "")).rstrip(".")


def _healthy(account: str, record: Any) -> bool:
    """A record without a health check counts as healthy, and so does one whose check is disabled."""
    identity = record.health_check_id
    if not identity:
        return True
    asked, result = _results.get(identity, (float("-inf"), True))
    if time.monotonic() - asked >= TRUSTED_SECONDS:
        # It asks through the data plane, which this is a part of.
        from local_aws.operations.health_checks import succeeds

        check = route53_backends[account][PARTITION].get_health_check(identity)
        result = bool(check.disabled) or succeeds(check) != bool(check.inverted)
        _results[identity] = time.monotonic(), result
    return result
