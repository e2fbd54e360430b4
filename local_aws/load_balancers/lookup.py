"""Which load balancer a host name leads to: its own name, or a record of Route 53."""

import re
from ipaddress import ip_address
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.elbv2.models import FakeLoadBalancer, FakeTargetGroup, elbv2_backends
from moto.route53.models import route53_backends

from local_aws.load_balancers.checks import weighted_group_arns
from local_aws.load_balancers.targets import HEALTHY, members

BALANCER_HOST = re.compile(r"(?:dualstack\.)?(?P<name>[a-z0-9-]+\.(?P<region>[a-z0-9-]+)\.elb\.amazonaws\.com)")
PARTITION = "aws"


def balancer_at(host: str) -> FakeLoadBalancer | None:
    """The load balancer that a host name leads to, in lower case and without a port."""
    own = BALANCER_HOST.fullmatch(host)
    if own:
        return _named(own)
    if "." not in host or _is_address(host):
        return None
    found = [balancer for balancer in map(_aliased, _records(host)) if balancer]
    return next((balancer for balancer in found if is_healthy(balancer)), found[0] if found else None)


def is_healthy(balancer: FakeLoadBalancer) -> bool:
    """What Route 53 evaluates: whether every target group has a healthy target. One without targets has none.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
    """
    groups = groups_of(balancer)
    return bool(groups) and all(
        any(member.state == HEALTHY for member in list(members(group).values())) for group in groups
    )


def groups_of(balancer: FakeLoadBalancer) -> list[FakeTargetGroup]:
    """The target groups that a load balancer's listeners lead requests to."""
    backend = elbv2_backends[DEFAULT_ACCOUNT_ID][balancer.arn.split(":")[3]]
    rules = [rule for listener in list(balancer.listeners.values()) for rule in list(listener.rules.values())]
    arns = {arn for rule in rules for action in rule.actions for arn in weighted_group_arns(action.data)}
    return [group for group in list(backend.target_groups.values()) if group.arn in arns]


def _named(host: re.Match[str]) -> FakeLoadBalancer | None:
    balancers = list(elbv2_backends[DEFAULT_ACCOUNT_ID][host["region"]].load_balancers.values())
    return next((balancer for balancer in balancers if balancer.dns_name.lower() == host["name"]), None)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _records(host: str) -> list[Any]:
    """The host's records; of failover records the primary first."""
    zones = list(route53_backends[DEFAULT_ACCOUNT_ID][PARTITION].zones.values())
    found = [record for zone in zones for record in list(zone.rrsets) if record.name.rstrip(".").lower() == host]
    return sorted(found, key=lambda record: record.failover == "SECONDARY")


def _aliased(record: Any) -> FakeLoadBalancer | None:
    names = [value.lower().rstrip(".") for value in record.records or []] if record.type == "CNAME" else []
    if record.alias_target:
        names = [record.alias_target["DNSName"].lower().rstrip(".")]
    matches = [BALANCER_HOST.fullmatch(name) for name in names]
    return next((_named(match) for match in matches if match), None)
