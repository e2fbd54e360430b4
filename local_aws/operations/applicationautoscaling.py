"""Application Auto Scaling: tags of scalable targets."""

from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, Plain, operation, repairs

SERVICE = "application-autoscaling"


def _tags(call: Call, arn: str) -> dict[str, str]:
    """The tags of a scalable target."""
    held = [target for targets in list(call.backend().targets.values()) for target in list(targets.values())]
    found: Any = next((target for target in held if target.arn == arn), None)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"No scalable target found for ARN: {arn}")
    tags: dict[str, str] = vars(found).setdefault("tags", {})
    return tags


@repairs(SERVICE, "RegisterScalableTarget")
def keep_tags(call: Call, plain: Plain) -> Output:
    """moto drops the tags of a new target."""
    output = plain()
    _tags(call, output["ScalableTargetARN"]).update(call.params.get("Tags") or {})
    return output


@operation(SERVICE, "ListTagsForResource")
def list_tags(call: Call) -> Output:
    """A scalable target's tags."""
    return {"Tags": _tags(call, call.params["ResourceARN"])}


@operation(SERVICE, "TagResource")
def tag_resource(call: Call) -> None:
    """Adds or changes tags."""
    _tags(call, call.params["ResourceARN"]).update(call.params["Tags"])


@operation(SERVICE, "UntagResource")
def untag_resource(call: Call) -> None:
    """Removes tags."""
    held = _tags(call, call.params["ResourceARN"])
    for key in call.params["TagKeys"]:
        held.pop(key, None)


@repairs(SERVICE, "PutScalingPolicy")
def replace_alarms(call: Call, plain: Plain) -> Output:
    """moto makes new alarms for a policy that changes, and leaves the old ones behind."""
    given, held = call.params, call.backend().policies
    names = ("ServiceNamespace", "ResourceId", "ScalableDimension", "PolicyName")
    before: Any = held.get("\t".join(given[name] for name in names))
    output = plain()
    if before:
        before.delete_alarms(call.account_id, call.region)
    return output


@repairs(SERVICE, "DeregisterScalableTarget")
def delete_policies_with_target(call: Call, plain: Plain) -> Output:
    """moto keeps the policies of a target that goes, and their alarms.

    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html
    """
    output, backend = plain(), call.backend()
    of_target = [call.params[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")]
    for key, policy in list(backend.policies.items()):
        if key.split("\t")[:3] == of_target:
            policy.delete_alarms(call.account_id, call.region)
            del backend.policies[key]
    return output
