"""Containers and what leads to them: ECS, load balancers, Cloud Map."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tap.inventory.resource import Resource
from tap.removal.calls import ListTags, by_arn, deletes, described
from tap.removal.remover import Reading, RemovalRefusedError, Remover, ResourceGoneError, Scope, as_tags, only, paged
from tap.removal.removers.databases import UNPROTECT

MAP_TAGS = ListTags("list_tags_for_resource", "ResourceARN", "Tags")


def read_cluster(scope: Scope, resource: Resource) -> Reading:
    """ECS goes on describing clusters and services that are deleted, as INACTIVE."""
    found = scope.client("ecs", resource).describe_clusters(clusters=[resource.arn], include=["TAGS"])
    details = only([cluster for cluster in found["clusters"] if cluster["status"] != "INACTIVE"])
    return Reading(as_tags(details.get("tags")), details=details)


def remove_cluster(scope: Scope, resource: Resource, _: Reading) -> None:
    """Its services have gone before it; tasks that run on their own are stopped."""
    ecs = scope.client("ecs", resource)
    for task in paged(ecs, "list_tasks", "taskArns", cluster=resource.arn):
        ecs.stop_task(cluster=resource.arn, task=task, reason="The environment is removed")
    ecs.delete_cluster(cluster=resource.arn)


def read_service(scope: Scope, resource: Resource) -> Reading:
    cluster = _cluster_of(resource)
    found = scope.client("ecs", resource).describe_services(cluster=cluster, services=[resource.arn], include=["TAGS"])
    details = only([service for service in found["services"] if service["status"] != "INACTIVE"])
    return Reading(as_tags(details.get("tags")), frozenset({details["clusterArn"]}), details)


def _cluster_of(resource: Resource) -> str:
    """`service/CLUSTER/NAME`."""
    return resource.arn.split("/")[1]


def remove_service(scope: Scope, resource: Resource, reading: Reading) -> None:
    if reading.details["status"] != "DRAINING":
        scope.client("ecs", resource).delete_service(cluster=_cluster_of(resource), service=resource.arn, force=True)


def read_task_definition(scope: Scope, resource: Resource) -> Reading:
    """ECS keeps deregistered revisions as INACTIVE, and answers ClientException for what never was."""
    try:
        answer = scope.client("ecs", resource).describe_task_definition(taskDefinition=resource.arn, include=["TAGS"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ClientException":
            raise ResourceGoneError from None
        raise
    if answer["taskDefinition"]["status"] != "ACTIVE":
        raise ResourceGoneError
    return Reading(as_tags(answer.get("tags")), details=answer["taskDefinition"])


def read_balanced(scope: Scope, resource: Resource) -> Reading:
    """A load balancer, target group, listener or rule."""
    operation, parameter, output, parts = BALANCED[resource.type]
    client = scope.client("elbv2", resource)
    details = only(getattr(client, operation)(**{parameter: [resource.arn]})[output])
    tags = client.describe_tags(ResourceArns=[resource.arn])["TagDescriptions"][0]["Tags"]
    owners = [details.get(part) for part in parts]
    return Reading(as_tags(tags), frozenset(arn for arn in owners if arn), details)


BALANCED = {
    "elasticloadbalancing:loadbalancer": ("describe_load_balancers", "LoadBalancerArns", "LoadBalancers", ()),
    "elasticloadbalancing:targetgroup": ("describe_target_groups", "TargetGroupArns", "TargetGroups", ()),
    "elasticloadbalancing:listener": ("describe_listeners", "ListenerArns", "Listeners", ("LoadBalancerArn",)),
    "elasticloadbalancing:listener-rule": ("describe_rules", "RuleArns", "Rules", ()),
}
"""Operation, its parameter for ARNs, its output, and the names there of what the resource is part of."""


def remove_load_balancer(scope: Scope, resource: Resource, _: Reading) -> None:
    """Its listeners go with it."""
    client = scope.client("elbv2", resource)
    attributes = as_tags(client.describe_load_balancer_attributes(LoadBalancerArn=resource.arn)["Attributes"])
    if attributes.get("deletion_protection.enabled") == "true":
        raise RemovalRefusedError(UNPROTECT)
    client.delete_load_balancer(LoadBalancerArn=resource.arn)


def remove_discovery_service(scope: Scope, resource: Resource, _: Reading) -> None:
    """A service of Cloud Map goes after the instances that are registered with it."""
    client = scope.client("servicediscovery", resource)
    for instance in paged(client, "list_instances", "Instances", ServiceId=resource.name):
        client.deregister_instance(ServiceId=resource.name, InstanceId=instance["Id"])
    client.delete_service(Id=resource.name)


REMOVERS = {
    "ecs:cluster": Remover(read_cluster, remove_cluster),
    "ecs:service": Remover(read_service, remove_service),
    "ecs:task-definition": Remover(
        read_task_definition, deletes("ecs", "deregister_task_definition", "taskDefinition", value=by_arn)
    ),
    "elasticloadbalancing:loadbalancer": Remover(read_balanced, remove_load_balancer),
    "elasticloadbalancing:targetgroup": Remover(
        read_balanced, deletes("elbv2", "delete_target_group", "TargetGroupArn", value=by_arn)
    ),
    "elasticloadbalancing:listener": Remover(
        read_balanced, deletes("elbv2", "delete_listener", "ListenerArn", value=by_arn)
    ),
    "elasticloadbalancing:listener-rule": Remover(
        read_balanced, deletes("elbv2", "delete_rule", "RuleArn", value=by_arn)
    ),
    "servicediscovery:service": Remover(
        described("servicediscovery", "get_service", "Id", "Service", tags=MAP_TAGS), remove_discovery_service
    ),
    "servicediscovery:namespace": Remover(
        described("servicediscovery", "get_namespace", "Id", "Namespace", tags=MAP_TAGS),
        deletes("servicediscovery", "delete_namespace", "Id"),
    ),
}
