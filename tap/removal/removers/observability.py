"""Alarms, dashboards, experiments, log groups and canaries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tap.inventory.resource import Resource
from tap.removal.calls import after_colon, deletes, described
from tap.removal.remover import (
    Reading,
    Remover,
    ResourceGoneError,
    Scope,
    as_tags,
    only,
    paged,
    sibling,
)


def read_alarm(scope: Scope, resource: Resource) -> Reading:
    """A metric alarm or a composite one: their ARNs do not tell."""
    cloudwatch = scope.client("cloudwatch", resource)
    kinds = ["MetricAlarm", "CompositeAlarm"]
    answer = cloudwatch.describe_alarms(AlarmNames=[after_colon(resource)], AlarmTypes=kinds)
    details = only([*answer.get("CompositeAlarms", ()), *answer.get("MetricAlarms", ())])
    return Reading(as_tags(cloudwatch.list_tags_for_resource(ResourceARN=resource.arn)["Tags"]), details=details)


def read_log_group(scope: Scope, resource: Resource) -> Reading:
    """Services name their log groups after what writes to them, which says what a group is part of.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Integrating.CloudWatch.html
    """
    logs, name = scope.client("logs", resource), resource.name
    for group in paged(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=name):
        if group["logGroupName"] == name:
            break
    else:
        raise ResourceGoneError
    tags = logs.list_tags_for_resource(resourceArn=resource.arn.removesuffix(":*"))["tags"]
    return Reading(as_tags(tags), frozenset(_writers(resource)), group)


def _writers(resource: Resource) -> set[str]:
    match resource.name.split("/"):
        case ["", "aws", "lambda", function]:
            return {sibling(resource, f"function:{function}", "lambda")}
        case ["", "aws", "rds", "cluster", cluster, _]:
            return {sibling(resource, f"cluster:{cluster}", "rds")}
        case ["", "aws", "rds", "instance", instance, _]:
            return {sibling(resource, f"db:{instance}", "rds")}
        case ["", "aws", "codebuild", project]:
            return {sibling(resource, f"project/{project}", "codebuild")}
        case ["", "aws", "ecs", "containerinsights", cluster, "performance"]:
            return {sibling(resource, f"cluster/{cluster}", "ecs")}
    return set()


def _dashboards(scope: Scope, resource: Resource) -> Any:
    """A dashboard belongs to no Region: it is reached in that of the alarms that it shows.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html
    """
    region = resource.owner.split(":")[3] if resource.owner else None
    return scope.account.client("cloudwatch", region)


def read_dashboard(scope: Scope, resource: Resource) -> Reading:
    details = _dashboards(scope, resource).get_dashboard(DashboardName=resource.name)
    return Reading(owners=frozenset(_alarms_shown(details)), details=details)


def remove_dashboard(scope: Scope, resource: Resource, _: Reading) -> None:
    _dashboards(scope, resource).delete_dashboards(DashboardNames=[resource.name])


def _alarms_shown(details: Mapping[str, Any]) -> set[str]:
    """A dashboard has no tags: it is part of the alarms that it shows."""
    try:
        widgets = json.loads(details["DashboardBody"]).get("widgets", [])
        return {str(arn) for widget in widgets for arn in widget.get("properties", {}).get("alarms", [])}
    except (ValueError, AttributeError, TypeError):
        return set()  # Not the architecture's: it shows nothing that is known.


def remove_canary(scope: Scope, resource: Resource, reading: Reading) -> None:
    """A canary is stopped first: AWS refuses one that runs. Its function and layers go with it."""
    synthetics = scope.client("synthetics", resource)
    state = reading.details.get("Status", {}).get("State")
    if state == "RUNNING":
        synthetics.stop_canary(Name=resource.name)
    if state != "DELETING":
        synthetics.delete_canary(Name=resource.name, DeleteLambda=True)


REMOVERS = {
    "cloudwatch:alarm": Remover(
        read_alarm, deletes("cloudwatch", "delete_alarms", "AlarmNames", value=after_colon, several=True)
    ),
    "cloudwatch:dashboard": Remover(read_dashboard, remove_dashboard),
    "fis:experiment-template": Remover(
        described("fis", "get_experiment_template", "id", "experimentTemplate", tags="tags"),
        deletes("fis", "delete_experiment_template", "id"),
    ),
    "logs:log-group": Remover(read_log_group, deletes("logs", "delete_log_group", "logGroupName")),
    "synthetics:canary": Remover(
        described("synthetics", "get_canary", "Name", "Canary", tags="Tags"),
        remove_canary,
    ),
}
