"""What EventBridge refuses of targets in another Region and moto accepts.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
"""

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import refuses


def _invalid(arn: str, reason: str) -> AwsError:
    return AwsError("ValidationException", f"Parameter {arn} is not valid. Reason: {reason}")


@refuses("events", "PutTargets")
def targets_in_another_region(call: Call) -> None:
    """Only a bus is reached in another Region, with a role; dead letters stay in the rule's Region."""
    for target in call.params["Targets"]:
        arn = target["Arn"]
        if _elsewhere(call, arn):
            if ":event-bus/" not in arn:
                raise _invalid(arn, "A target in another Region must be an event bus.")
            if not target.get("RoleArn"):
                raise AwsError("ValidationException", f"RoleArn is required for target {arn}.")
        letters = (target.get("DeadLetterConfig") or {}).get("Arn")
        if letters and _elsewhere(call, letters):
            raise _invalid(letters, "The dead-letter queue must be in the Region of the rule.")


def _elsewhere(call: Call, arn: str) -> bool:
    """Whether an ARN names another Region; one without a Region, or that is none, names no other."""
    parts = arn.split(":")
    return len(parts) > 5 and parts[3] not in ("", call.region)
