"""CloudWatch Logs: saved queries."""

from typing import Any
from uuid import uuid4

from moto.core.utils import unix_time_millis

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, operation


def _definitions(call: Call) -> dict[str, Any]:
    return call.collection("query_definitions")


@operation("logs", "PutQueryDefinition")
def put_query_definition(call: Call) -> Output:
    """Writes a saved query: a new one where no id is given."""
    identity = call.params.get("queryDefinitionId") or str(uuid4())
    if "queryDefinitionId" in call.params and identity not in _definitions(call):
        raise AwsError("ResourceNotFoundException", f"Query definition {identity} does not exist")
    _definitions(call)[identity] = {
        **call.params,
        "queryDefinitionId": identity,
        "lastModified": int(unix_time_millis()),
    }
    return {"queryDefinitionId": identity}


@operation("logs", "DescribeQueryDefinitions")
def describe_query_definitions(call: Call) -> Output:
    """Saved queries by prefix of their name."""
    prefix = call.params.get("queryDefinitionNamePrefix", "")
    return {"queryDefinitions": [one for one in _definitions(call).values() if one["name"].startswith(prefix)]}


@operation("logs", "DeleteQueryDefinition")
def delete_query_definition(call: Call) -> Output:
    """Removes a saved query."""
    if _definitions(call).pop(call.params["queryDefinitionId"], None) is None:
        raise AwsError("ResourceNotFoundException", "Query definition does not exist")
    return {"success": True}
