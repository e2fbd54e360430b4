"""Which action a listener takes for a request.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
"""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlunsplit

from moto.elbv2.models import FakeListener

TERMINAL = ("forward", "redirect", "fixed-response")


@dataclass(frozen=True)
class Request:
    """What rules look at. Header names are in lower case."""

    method: str
    scheme: str
    host: str
    port: int
    path: str
    query: str
    headers: Mapping[str, str]
    source_ip: str


def action_for(listener: FakeListener, request: Request) -> dict[str, Any]:
    """The action of the first rule, by priority, whose conditions are all met; else the listener's default."""
    ruled = [rule for rule in listener.rules.values() if not rule.is_default]
    for rule in sorted(ruled, key=lambda rule: int(rule.priority)):
        if all(_met(condition, request) for condition in rule.conditions):
            return _terminal(rule.actions)
    return _terminal(listener.default_actions)


def _terminal(actions: Any) -> dict[str, Any]:
    """What ends a list of actions. Authentication before it is not done here."""
    found: dict[str, Any] = next(action.data for action in actions if action.type in TERMINAL)
    return found


def _met(condition: Mapping[str, Any], request: Request) -> bool:
    match condition["Field"]:
        case "path-pattern":
            return _any_like(_values(condition, "PathPatternConfig"), request.path)
        case "host-header":
            patterns = [value.lower() for value in _values(condition, "HostHeaderConfig")]
            return _any_like(patterns, request.host)
        case "http-request-method":
            return request.method in _values(condition, "HttpRequestMethodConfig")
        case "http-header":
            name = condition["HttpHeaderConfig"]["HttpHeaderName"].lower()
            return name in request.headers and _any_like(_values(condition, "HttpHeaderConfig"), request.headers[name])
        case "query-string":
            return _query_met(condition["QueryStringConfig"]["Values"], request.query)
        case "source-ip":
            networks = _values(condition, "SourceIpConfig")
            return any(ip_address(request.source_ip) in ip_network(one) for one in networks)
    return False


def _values(condition: Mapping[str, Any], config: str) -> list[str]:
    found: list[str] = condition.get(config, {}).get("Values") or condition.get("Values") or []
    return found


def _query_met(wanted: list[dict[str, str]], query: str) -> bool:
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    return any(
        _any_like([one["Value"]], value) and ("Key" not in one or _any_like([one["Key"]], key))
        for one in wanted
        for key, value in pairs
    )


def _any_like(patterns: list[str], text: str) -> bool:
    return any(re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text) for pattern in patterns)


def redirect_location(action: Mapping[str, Any], request: Request) -> tuple[int, str]:
    """Status and address of a redirect."""
    config = action["RedirectConfig"]
    parts = {
        "protocol": request.scheme,
        "host": request.host,
        "port": str(request.port),
        "path": request.path.removeprefix("/"),
        "query": request.query,
    }

    def filled(name: str, default: str) -> str:
        text = str(config.get(name) or default)
        return re.sub(r"#\{(\w+)\}", lambda found: parts[found[1]], text)

    scheme = filled("Protocol", "#{protocol}").lower()
    address = f"{filled('Host', '#{host}')}:{filled('Port', '#{port}')}"
    location = urlunsplit((scheme, address, filled("Path", "/#{path}"), filled("Query", "#{query}"), ""))
    return int(config["StatusCode"].removeprefix("HTTP_")), location


def target_group_arn(action: Mapping[str, Any]) -> str:
    """The group that an action forwards to, by the groups' weights."""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    if not groups:
        return str(action["TargetGroupArn"])
    weights = [int(group.get("Weight", 1)) for group in groups]
    chosen = random.choices(groups, weights if any(weights) else None)[0]
    return str(chosen["TargetGroupArn"])
