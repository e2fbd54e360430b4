"""How much of a listener's traffic goes to which target group, and in which steps it moves.

https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
"""

import re
from collections.abc import Mapping
from typing import Any

from moto.elbv2.models import FakeAction, FakeListener, elbv2_backends

from local_aws.load_balancers.checks import weighted_group_arns
from local_aws.turn import TURN

ALL_AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"
CANARY = re.compile(r"CodeDeployDefault\.ECSCanary(?P<percent>\d+)Percent(?P<minutes>\d+)Minutes")
LINEAR = re.compile(r"CodeDeployDefault\.ECSLinear(?P<percent>\d+)PercentEvery(?P<minutes>\d+)Minutes?")


def steps(configuration: str) -> list[tuple[int, int]] | None:
    """Percent of the traffic that is moved, and the minutes until the next step; None for no configuration of ECS."""
    if configuration == ALL_AT_ONCE:
        return [(100, 0)]
    if found := CANARY.fullmatch(configuration):
        return [(int(found["percent"]), int(found["minutes"])), (100, 0)]
    if found := LINEAR.fullmatch(configuration):
        percents = range(int(found["percent"]), 100, int(found["percent"]))
        return [*((percent, int(found["minutes"])) for percent in percents), (100, 0)]
    return None


def listener_at(arn: str) -> FakeListener | None:
    """The listener of an ARN, if there is one."""
    _, _, _, region, account, _ = arn.split(":", 5)
    balancers = elbv2_backends[account][region].load_balancers
    balancer = balancers.get(arn.replace(":listener/", ":loadbalancer/").rpartition("/")[0])
    return balancer.listeners.get(arn) if balancer else None


def group_named(name: str, account: str, region: str) -> str | None:
    """The ARN of a target group, if there is one."""
    groups = list(elbv2_backends[account][region].target_groups.values())
    return next((str(group.arn) for group in groups if group.name == name), None)


def groups_behind(arn: str) -> list[str]:
    """The ARNs of the target groups that get a listener's requests by default."""
    listener = listener_at(arn)
    actions = listener.default_actions if listener else []
    return [group for action in actions for group in weighted_group_arns(action.data)]


def route(arn: str, weights: Mapping[str, int]) -> None:
    """Lets a listener forward to target groups by their weights; one of weight 0 is checked and gets no request."""
    groups: list[dict[str, Any]] = [{"TargetGroupArn": group, "Weight": weight} for group, weight in weights.items()]
    action: dict[str, Any] = {"Type": "forward", "Order": 1, "ForwardConfig": {"TargetGroups": groups}}
    if len(groups) == 1:
        action["TargetGroupArn"] = groups[0]["TargetGroupArn"]
    with TURN:
        if listener := listener_at(arn):
            listener.default_actions = listener._default_rule[0].actions = [FakeAction(action)]
