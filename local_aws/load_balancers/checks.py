"""Health checks of targets, as a load balancer does them."""

import http.client
import threading
import time
from typing import Any

from moto.elbv2.models import FakeTargetGroup, elbv2_backends

from local_aws.load_balancers.targets import Member, health_port, members

CHECK_SECONDS = 0.2
"""Time between two checks of a target, in the place of the group's interval (5 to 300 s). Thresholds are AWS's."""

USER_AGENT = "ELB-HealthChecker/2.0"


def register(group: FakeTargetGroup, address: str, port: int) -> Member:
    """Adds a target, and checks it from now on. One that drains is taken back."""
    held = members(group)
    existing = held.get((address, port))
    if existing and existing.state != "draining":
        return existing
    member = held[address, port] = Member(group, address, port)
    threading.Thread(target=_check, args=[member], daemon=True, name=f"checks {address}:{port}").start()
    return member


def deregister(group: FakeTargetGroup, address: str, port: int) -> Member | None:
    """Lets a target drain. It is gone when it has."""
    member = members(group).get((address, port))
    if member:
        member.drain(float(str(group.attributes["deregistration_delay.timeout_seconds"])))
    return member


def in_use(group: FakeTargetGroup) -> bool:
    """Whether a rule of a listener leads to the group. False also once the group is deleted."""
    backend = elbv2_backends[group.account_id][group.region_name]
    if group.arn not in backend.target_groups:
        return False
    rules = [
        rule
        for balancer in list(backend.load_balancers.values())
        for listener in list(balancer.listeners.values())
        for rule in list(listener.rules.values())
    ]
    return any(group.arn in target_group_arns(action.data) for rule in rules for action in rule.actions)


def target_group_arns(action: dict[str, Any]) -> list[str]:
    """The target groups that an action forwards to."""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    single = [action["TargetGroupArn"]] if action.get("TargetGroupArn") else []
    return single or [str(group["TargetGroupArn"]) for group in groups]


def weighted_group_arns(action: dict[str, Any]) -> list[str]:
    """The target groups that an action forwards requests to: those whose weight is not zero."""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    idle = {group["TargetGroupArn"] for group in groups if int(group.get("Weight", 1)) == 0}
    return [arn for arn in target_group_arns(action) if arn not in idle]


def _check(member: Member) -> None:
    """Checks a target until it is gone, or its group is."""
    key = (member.address, member.port)
    while vars(member.group).get("members", {}).get(key) is member and not member.drained and _exists(member.group):
        if in_use(member.group):
            _ask(member)
        else:
            member.not_used()
        time.sleep(CHECK_SECONDS)
    member.pool.close()


def _exists(group: FakeTargetGroup) -> bool:
    return group.arn in elbv2_backends[group.account_id][group.region_name].target_groups


def _ask(member: Member) -> None:
    group, seconds = member.group, float(member.group.health_check_timeout_seconds or 5)
    port = health_port(group, member.port)
    connection = http.client.HTTPConnection(member.address, port, timeout=seconds)
    headers = {"Host": f"{member.address}:{port}", "User-Agent": USER_AGENT, "Connection": "close"}
    try:
        connection.request("GET", group.health_check_path or "/", headers=headers)
        status = connection.getresponse().status
    except TimeoutError:
        member.failed("Target.Timeout")
    except (OSError, http.client.HTTPException):
        member.failed("Target.FailedHealthChecks")
    else:
        if matches(str((group.matcher or {}).get("HttpCode") or "200"), status):
            member.passed()
        else:
            detail = f"Health checks failed with these codes: [{status}]"
            member.failed("Target.ResponseCodeMismatch", detail)
    finally:
        connection.close()


def matches(codes: str, status: int) -> bool:
    """Whether a status is among a matcher's codes: values, lists of them, ranges."""
    for part in codes.split(","):
        first, _, last = part.strip().partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False
