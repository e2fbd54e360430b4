"""Repairs of CloudTrail: trails that are named by their ARN."""

from local_aws.calls import Call
from local_aws.registry import Output, Plain, repairs


@repairs("cloudtrail", "DeleteTrail")
def delete_by_arn(call: Call, plain: Plain) -> Output:
    """moto deletes only by name, and answers as if it had done it."""
    backend = call.backend()
    trail = backend.get_trail(call.params["Name"])
    output = plain()
    backend.trails.pop(trail.trail_name, None)
    return output


@repairs("cloudtrail", "DescribeTrails")
def describe_those_asked_for(call: Call, plain: Plain) -> Output:
    """moto describes all."""
    asked, output = call.params.get("trailNameList"), plain()
    found = output.get("trailList", [])
    return {"trailList": [one for one in found if not asked or one["Name"] in asked or one["TrailARN"] in asked]}
