"""Repairs of Lambda's event source mappings."""

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, Plain, refuses, repairs


@repairs("lambda", "ListEventSourceMappings")
def find_mappings_by_name_and_arn(call: Call, plain: Plain) -> Output:
    """moto finds a function's mappings only by what its creation called the function: name or ARN."""
    output, wanted = plain(), call.params.get("FunctionName")
    if wanted:
        found = call.backend().list_event_source_mappings(call.params.get("EventSourceArn"), None)
        mappings = [mapping for mapping in found if _names(wanted, mapping.function_arn)]
        output["EventSourceMappings"] = [mapping.get_configuration() for mapping in mappings]
    return output


def _names(wanted: str, arn: str) -> bool:
    """Whether a name or ARN, with or without a version or alias, means the function of an ARN."""
    name, _, qualifier = wanted.rpartition(":function:")[2].partition(":")
    found, _, of = arn.rpartition(":function:")[2].partition(":")
    return name == found and qualifier in ("", of)


@refuses("lambda", "DeleteEventSourceMapping")
def mapping_that_does_not_exist(call: Call) -> None:
    """moto says nothing about it."""
    if call.params["UUID"] not in call.backend()._event_source_mappings:
        raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
