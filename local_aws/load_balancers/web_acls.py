"""Web ACLs in front of load balancers: rate-based rules are enforced, address by address.

Managed rule groups are AWS's own and cannot be evaluated here, so nothing is refused by them; of rules of the user's
own, only rate-based ones that count whole addresses are looked at.

https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
"""

import threading
import time
from collections import deque
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moto.elbv2.models import FakeLoadBalancer
from moto.wafv2.models import FakeRule, FakeWebACL, wafv2_backends

from local_aws.http_api.payload import HttpAnswer
from local_aws.load_balancers.forwarding import own_answer

WINDOW_SECONDS = 300
"""Over which requests are counted where a rule does not say."""

_counting = threading.Lock()


def refusal(balancer: FakeLoadBalancer, source_ip: str) -> HttpAnswer | None:
    """What the load balancer's web ACL answers in the place of the targets; None where it lets the request pass.

    Every request is counted, refused ones too. AWS looks every few seconds, so that it lets some more pass; here a
    rule acts at the first request above its limit.
    """
    _, _, _, region, account, _ = balancer.arn.split(":", 5)
    acl = wafv2_backends[account][region].get_web_acl_for_resource(balancer.arn)
    if acl is None:
        return None
    for rule in sorted(acl.rules, key=lambda rule: int(rule.priority)):
        statement = rule.statement.get("RateBasedStatement")
        if statement and _whole_addresses(statement) and _exceeded(acl, rule, statement, source_ip):
            action = rule.action or {}
            if "Block" in action:
                return own_answer(_status(action["Block"]))
            if "Allow" in action:
                return None
    return None


def _whole_addresses(statement: Mapping[str, Any]) -> bool:
    return statement["AggregateKeyType"] == "IP" and not statement.get("ScopeDownStatement")


def _exceeded(acl: FakeWebACL, rule: FakeRule, statement: Mapping[str, Any], source_ip: str) -> bool:
    """Counts a request of an address; whether there were more than the limit within the window."""
    limit, window = int(statement["Limit"]), float(statement.get("EvaluationWindowSec") or WINDOW_SECONDS)
    now = time.monotonic()
    with _counting:
        counted: dict[tuple[str, str], deque[float]] = vars(acl).setdefault("requests_counted", {})
        times = counted.setdefault((rule.name, source_ip), deque())
        times.append(now)
        # One more than the limit is enough to know that it is exceeded.
        while times[0] <= now - window or len(times) > limit + 1:
            times.popleft()
        return len(times) > limit


def _status(block: Mapping[str, Any]) -> HTTPStatus:
    return HTTPStatus(int((block.get("CustomResponse") or {}).get("ResponseCode", HTTPStatus.FORBIDDEN)))
