"""Repairs of EventBridge's archives."""

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, Plain, repairs

PAGE = 100


@repairs("events", "ListArchives")
def list_archives_in_pages(call: Call, plain: Plain) -> Output:
    """moto gives all archives at once, whatever the limit."""
    output, token = plain(), call.params.get("NextToken", "0")
    if not token.isdigit():
        raise AwsError("ValidationException", "NextToken is not valid.")
    start = int(token)
    end = start + call.params.get("Limit", PAGE)
    archives = output.get("Archives", [])
    return {"Archives": archives[start:end], **({"NextToken": str(end)} if end < len(archives) else {})}
