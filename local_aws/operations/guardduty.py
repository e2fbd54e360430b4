"""GuardDuty: tags of detectors, which moto takes only when it makes one."""

from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, operation


def _detector(call: Call) -> Any:
    detector = call.backend().detectors.get(call.params["ResourceArn"].rpartition("/")[2])
    if detector is None:
        raise AwsError("BadRequestException", "The request is rejected because the input detectorId is not owned.")
    return detector


@operation("guardduty", "ListTagsForResource")
def list_tags(call: Call) -> Output:
    """A detector's tags."""
    return {"Tags": dict(_detector(call).tags)}


@operation("guardduty", "TagResource")
def tag_resource(call: Call) -> None:
    """Adds tags, or changes them."""
    _detector(call).tags.update(call.params["Tags"])


@operation("guardduty", "UntagResource")
def untag_resource(call: Call) -> None:
    """Takes tags away."""
    for key in call.params["TagKeys"]:
        _detector(call).tags.pop(key, None)
