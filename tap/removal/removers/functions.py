"""What runs code and what starts it: Lambda, API Gateway, Step Functions, EventBridge Scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap.inventory.resource import Resource
from tap.removal.calls import ListTags, after_slash, by_arn, deletes, described
from tap.removal.remover import GoesWithError, Reading, RemovalRefusedError, Remover, Scope, as_tags, paged

LOWER = ListTags("list_tags_for_resource", "resourceArn", "tags")


def read_function(scope: Scope, resource: Resource) -> Reading:
    """A function, or the alias or version that an ARN with a qualifier names: those are part of their function."""
    function = _function_of(resource)
    answer = scope.client("lambda", resource).get_function(FunctionName=resource.arn)
    if function != resource.arn:
        return Reading(owners=frozenset({function}), details=answer["Configuration"])
    return Reading(as_tags(answer.get("Tags")), details=answer["Configuration"])


def _function_of(resource: Resource) -> str:
    return ":".join(resource.arn.split(":")[:7])


def remove_function(scope: Scope, resource: Resource, _: Reading) -> None:
    if (function := _function_of(resource)) != resource.arn:
        raise GoesWithError(function)
    scope.client("lambda", resource).delete_function(FunctionName=resource.arn)


def read_mapping(scope: Scope, resource: Resource) -> Reading:
    client = scope.client("lambda", resource)
    details = client.get_event_source_mapping(UUID=resource.name)
    function = ":".join(details["FunctionArn"].split(":")[:7])
    tags = as_tags(client.list_tags(Resource=resource.arn).get("Tags"))
    return Reading(tags, frozenset({function, details.get("EventSourceArn", "")}) - {""}, details)


def remove_mapping(scope: Scope, resource: Resource, reading: Reading) -> None:
    if reading.details.get("State") != "Deleting":
        scope.client("lambda", resource).delete_event_source_mapping(UUID=resource.name)


def read_api(scope: Scope, resource: Resource) -> Reading:
    """An API, or its stage: `/apis/ID/stages/NAME`."""
    client = scope.client("apigatewayv2", resource)
    identity, *rest = _path(resource)
    if not rest:
        details = client.get_api(ApiId=identity)
        return Reading(as_tags(details.get("Tags")), details=details)
    if rest[0] != "stages":
        raise RemovalRefusedError("only an API or one of its stages is removed: remove the API")
    details = client.get_stage(ApiId=identity, StageName=rest[1])
    return Reading(as_tags(details.get("Tags")), frozenset({_api_of(resource)}), details)


def _path(resource: Resource) -> list[str]:
    """What follows `/apis/`."""
    return resource.arn.split(":", 5)[5].strip("/").split("/")[1:]


def _api_of(resource: Resource) -> str:
    return resource.arn.split("/stages/")[0]


def remove_api(scope: Scope, resource: Resource, _: Reading) -> None:
    client = scope.client("apigatewayv2", resource)
    identity, *rest = _path(resource)
    if rest:
        client.delete_stage(ApiId=identity, StageName=rest[1])
    else:
        client.delete_api(ApiId=identity)


def remove_domain_name(scope: Scope, resource: Resource, _: Reading) -> None:
    """A domain name goes after what maps its paths to APIs."""
    client, domain = scope.client("apigatewayv2", resource), {"DomainName": resource.name}
    for mapping in paged(client, "get_api_mappings", "Items", **domain):
        client.delete_api_mapping(**domain, ApiMappingId=mapping["ApiMappingId"])
    client.delete_domain_name(**domain)


def remove_state_machine(scope: Scope, resource: Resource, reading: Reading) -> None:
    """AWS keeps a machine until its last execution ends, so they are stopped."""
    client = scope.client("stepfunctions", resource)
    running = {"stateMachineArn": resource.arn, "statusFilter": "RUNNING"}
    for execution in paged(client, "list_executions", "executions", **running):
        client.stop_execution(executionArn=execution["executionArn"], cause="The environment is removed")
    if reading.details.get("status") != "DELETING":
        client.delete_state_machine(stateMachineArn=resource.arn)


def read_schedule(scope: Scope, resource: Resource) -> Reading:
    """Schedules have no tags: they are part of what they call, with what, and under which key."""
    group, name = after_slash(resource).split("/")
    details = scope.client("scheduler", resource).get_schedule(GroupName=group, Name=name)
    target: Mapping[str, Any] = details["Target"]
    named = {target["Arn"], target["RoleArn"], details.get("KmsKeyArn"), ":".join(target["Arn"].split(":")[:7])}
    return Reading(owners=frozenset(arn for arn in named if arn), details=details)


def remove_schedule(scope: Scope, resource: Resource, _: Reading) -> None:
    group, name = after_slash(resource).split("/")
    scope.client("scheduler", resource).delete_schedule(GroupName=group, Name=name)


REMOVERS = {
    "lambda:function": Remover(read_function, remove_function),
    "lambda:event-source-mapping": Remover(read_mapping, remove_mapping),
    "apigateway:apis": Remover(read_api, remove_api),
    "apigateway:domainnames": Remover(
        described("apigatewayv2", "get_domain_name", "DomainName", tags="Tags"), remove_domain_name
    ),
    "states:stateMachine": Remover(
        described("stepfunctions", "describe_state_machine", "stateMachineArn", value=by_arn, tags=LOWER),
        remove_state_machine,
    ),
    "scheduler:schedule": Remover(read_schedule, remove_schedule),
    "scheduler:schedule-group": Remover(
        described(
            "scheduler",
            "get_schedule_group",
            "Name",
            tags=ListTags("list_tags_for_resource", "ResourceArn", "Tags"),
        ),
        deletes("scheduler", "delete_schedule_group", "Name"),
    ),
}
