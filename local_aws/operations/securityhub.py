"""Security Hub: what moto lacks of the hub's settings and of standards."""

from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, operation

SETTINGS = ("AutoEnableControls", "ControlFindingGenerator")


def standards(backend: Any) -> dict[str, Output]:
    """The Region's subscriptions to standards, by their ARN."""
    found: dict[str, Output] = vars(backend).setdefault("standards", {})
    return found


def hub_settings(backend: Any) -> Output:
    """What the hub was told to do by itself."""
    found: Output = vars(backend).setdefault("hub_settings", {})
    return found


def _hub(call: Call) -> Any:
    """moto's backend, which is the hub. Raises AwsError where Security Hub is off."""
    backend = call.backend()
    if not backend.enabled:
        raise AwsError(
            "InvalidAccessException", f"Account {call.account_id} is not subscribed to AWS Security Hub", 401
        )
    return backend


@operation("securityhub", "UpdateSecurityHubConfiguration")
def update_configuration(call: Call) -> None:
    """Changes the settings that are named."""
    named = {name: call.params[name] for name in SETTINGS if name in call.params}
    hub_settings(_hub(call)).update(named)


@operation("securityhub", "BatchEnableStandards")
def enable_standards(call: Call) -> Output:
    """Subscribes to standards; one that is on already stays as it is."""
    found = standards(_hub(call))
    enabled = []
    for request in call.params["StandardsSubscriptionRequests"]:
        standard = request["StandardsArn"]
        arn = call.arn("subscription/" + standard.partition("standards/")[2])
        found.setdefault(
            arn,
            {
                "StandardsSubscriptionArn": arn,
                "StandardsArn": standard,
                "StandardsInput": request.get("StandardsInput") or {},
                "StandardsStatus": "READY",
            },
        )
        enabled.append(found[arn])
    return {"StandardsSubscriptions": enabled}


@operation("securityhub", "GetEnabledStandards")
def get_enabled_standards(call: Call) -> Output:
    """Subscriptions, all or those that are asked for."""
    found, asked = standards(_hub(call)), call.params.get("StandardsSubscriptionArns")
    return {"StandardsSubscriptions": [one for arn, one in found.items() if not asked or arn in asked]}


@operation("securityhub", "BatchDisableStandards")
def disable_standards(call: Call) -> Output:
    """Ends subscriptions."""
    found = standards(_hub(call))
    ended = [found.pop(arn, None) for arn in call.params["StandardsSubscriptionArns"]]
    return {"StandardsSubscriptions": [{**one, "StandardsStatus": "DELETING"} for one in ended if one]}
