"""Whether a part of the container architecture exists: what builds, deploys, runs, names and tests the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tap.inventory.described import OneDescribed, arn_of, rest
from tap.inventory.resource import Resource

REGIONAL = "REGIONAL"
"""The scope of web ACLs that stand before load balancers."""


def none_in(output: str) -> Callable[[Any], bool]:
    """For what answers with a list: an empty one says that there is no such resource."""
    return lambda answer: not answer[output]


def _inactive(output: str) -> Callable[[Any], bool]:
    """ECS goes on describing clusters and services that are deleted, as INACTIVE."""
    return lambda answer: not any(one["status"] != "INACTIVE" for one in answer[output])


def cluster_of(service: Resource) -> str:
    """The cluster of an ECS service: `service/CLUSTER/NAME`."""
    return service.arn.split("/")[1]


def application_of(group: Resource) -> str:
    """The application of a deployment group: `deploymentgroup:APPLICATION/GROUP`."""
    return rest(group).partition("/")[0]


def group_name(group: Resource) -> str:
    """The name of a deployment group."""
    return rest(group).partition("/")[2]


def web_acl_name(acl: Resource) -> str:
    """The name of a web ACL: `regional/webacl/NAME/ID`."""
    return acl.arn.split("/")[2]


def _balanced(operation: str, parameter: str, output: str) -> OneDescribed:
    return OneDescribed("elbv2", operation, parameter, arn_of, none_in(output), several=True)


ONE: Mapping[str, OneDescribed] = {
    "application-autoscaling:scalable-target": OneDescribed(
        "application-autoscaling", "list_tags_for_resource", "ResourceARN", arn_of
    ),
    "codebuild:project": OneDescribed(
        "codebuild", "batch_get_projects", "names", gone=none_in("projects"), several=True
    ),
    "codedeploy:application": OneDescribed("codedeploy", "get_application", "applicationName"),
    "codedeploy:deploymentgroup": OneDescribed(
        "codedeploy",
        "get_deployment_group",
        "deploymentGroupName",
        group_name,
        beside=lambda group: {"applicationName": application_of(group)},
    ),
    "ecr:repository": OneDescribed("ecr", "describe_repositories", "repositoryNames", several=True),
    "ecs:cluster": OneDescribed("ecs", "describe_clusters", "clusters", arn_of, _inactive("clusters"), several=True),
    "ecs:service": OneDescribed(
        "ecs",
        "describe_services",
        "services",
        arn_of,
        _inactive("services"),
        several=True,
        beside=lambda service: {"cluster": cluster_of(service)},
    ),
    "ecs:task-definition": OneDescribed(
        "ecs",
        "describe_task_definition",
        "taskDefinition",
        arn_of,
        lambda answer: answer["taskDefinition"]["status"] != "ACTIVE",
    ),
    "elasticloadbalancing:listener": _balanced("describe_listeners", "ListenerArns", "Listeners"),
    "elasticloadbalancing:loadbalancer": _balanced("describe_load_balancers", "LoadBalancerArns", "LoadBalancers"),
    "elasticloadbalancing:targetgroup": _balanced("describe_target_groups", "TargetGroupArns", "TargetGroups"),
    "servicediscovery:namespace": OneDescribed("servicediscovery", "get_namespace", "Id"),
    "servicediscovery:service": OneDescribed("servicediscovery", "get_service", "Id"),
    "synthetics:canary": OneDescribed("synthetics", "get_canary", "Name"),
    "wafv2:webacl": OneDescribed(
        "wafv2",
        "get_web_acl",
        "Id",
        lambda acl: acl.name,
        beside=lambda acl: {"Name": web_acl_name(acl), "Scope": REGIONAL},
    ),
}
"""By type. A service that is draining exists until it is gone."""
