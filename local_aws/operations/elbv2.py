"""Elastic Load Balancing: targets that are really checked, in place of moto's, which are always healthy."""

from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.load_balancers import checks, targets
from local_aws.registry import Output, operation


def _group(call: Call) -> Any:
    group = call.backend().target_groups.get(call.params["TargetGroupArn"])
    if group is None:
        raise AwsError("TargetGroupNotFound", "One or more target groups not found")
    return group


def _key(group: Any, target: dict[str, Any]) -> tuple[str, int]:
    return target["Id"], int(target.get("Port") or group.port)


@operation("elbv2", "RegisterTargets")
def register_targets(call: Call) -> None:
    """Adds targets, whose health is checked from now on."""
    group = _group(call)
    for target in call.params["Targets"]:
        checks.register(group, *_key(group, target))


@operation("elbv2", "DeregisterTargets")
def deregister_targets(call: Call) -> None:
    """Lets targets drain."""
    group = _group(call)
    for target in call.params["Targets"]:
        if checks.deregister(group, *_key(group, target)) is None:
            raise AwsError("InvalidTarget", f"The target '{target['Id']}' is not registered")


@operation("elbv2", "DescribeTargetHealth")
def describe_target_health(call: Call) -> Output:
    """What the health checks have found."""
    group = _group(call)
    held = targets.members(group)
    wanted = [_key(group, target) for target in call.params.get("Targets") or []] or list(held)
    return {
        "TargetHealthDescriptions": [
            held[key].description() if key in held else _unknown(group, *key) for key in wanted
        ]
    }


def _unknown(group: Any, address: str, port: int) -> dict[str, Any]:
    reason = "Target.NotRegistered"
    health = {"State": targets.UNUSED, "Reason": reason, "Description": targets.DESCRIPTIONS[reason]}
    return {
        "Target": {"Id": address, "Port": port},
        "HealthCheckPort": str(targets.health_port(group, port)),
        "TargetHealth": health,
    }
