"""X-Ray: groups and their tags."""

from typing import Any
from uuid import uuid4

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, operation

CHANGEABLE = ("FilterExpression", "InsightsConfiguration")


def _groups(call: Call) -> dict[str, Any]:
    """Groups by ARN."""
    return call.collection("groups")


def _group(call: Call) -> Any:
    given = call.params
    for group in _groups(call).values():
        if given.get("GroupName") == group["GroupName"] or group["GroupARN"] in (
            given.get("GroupARN"),
            given.get("ResourceARN"),
        ):
            return group
    raise AwsError("InvalidRequestException", "Group not found")


@operation("xray", "CreateGroup")
def create_group(call: Call) -> Output:
    """Makes a group. Its name is unique."""
    name = call.params["GroupName"]
    if any(group["GroupName"] == name for group in _groups(call).values()):
        raise AwsError("InvalidRequestException", f"Group {name} already exists")
    arn = call.arn(f"group/{name}/{uuid4().hex.upper()[:20]}")
    group = {"GroupName": name, "GroupARN": arn, **{key: call.params[key] for key in CHANGEABLE if key in call.params}}
    _groups(call)[arn] = {**group, "Tags": call.params.get("Tags", [])}
    return {"Group": group}


@operation("xray", "GetGroup", "UpdateGroup")
def get_or_update_group(call: Call) -> Output:
    """A group by name or ARN, with the changes that the call asks for."""
    group = _group(call)
    group.update({key: call.params[key] for key in CHANGEABLE if key in call.params})
    return {"Group": group}


@operation("xray", "GetGroups")
def get_groups(call: Call) -> Output:
    """All groups."""
    return {"Groups": list(_groups(call).values())}


@operation("xray", "DeleteGroup")
def delete_group(call: Call) -> None:
    """Removes a group."""
    del _groups(call)[_group(call)["GroupARN"]]


@operation("xray", "ListTagsForResource")
def list_tags(call: Call) -> Output:
    """A group's tags."""
    return {"Tags": _group(call)["Tags"]}


@operation("xray", "TagResource", "UntagResource")
def change_tags(call: Call) -> None:
    """Adds, changes or removes a group's tags."""
    group, added = _group(call), call.params.get("Tags", [])
    dropped = {tag["Key"] for tag in added} | set(call.params.get("TagKeys", []))
    group["Tags"] = [tag for tag in group["Tags"] if tag["Key"] not in dropped] + added
