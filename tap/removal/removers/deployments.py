"""What builds, deploys and scales the containers: CodeBuild, CodeDeploy, Application Auto Scaling."""

from __future__ import annotations

from tap.inventory.container_descriptions import application_of, group_name
from tap.inventory.resource import Resource
from tap.removal.calls import ListTags, deletes, described
from tap.removal.remover import Reading, Remover, Scope, as_tags, only, paged, sibling

DEPLOY_TAGS = ListTags("list_tags_for_resource", "ResourceArn", "Tags")
TARGET_TAGS = ListTags("list_tags_for_resource", "ResourceARN", "Tags")
# https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ListDeployments.html
UNDER_WAY = ["Created", "Queued", "InProgress", "Baking", "Ready"]


def remove_project(scope: Scope, resource: Resource, _: Reading) -> None:
    """Builds that have not ended are stopped: they would push an image, and write the log, after the removal."""
    client = scope.client("codebuild", resource)
    ids = list(paged(client, "list_builds_for_project", "ids", projectName=resource.name))[:100]
    builds = client.batch_get_builds(ids=ids)["builds"] if ids else []
    for build in builds:
        if build["buildStatus"] == "IN_PROGRESS":
            client.stop_build(id=build["id"])
    client.delete_project(name=resource.name)


def read_group(scope: Scope, resource: Resource) -> Reading:
    """A deployment group is part of its application."""
    client, application = scope.client("codedeploy", resource), application_of(resource)
    answer = client.get_deployment_group(applicationName=application, deploymentGroupName=group_name(resource))
    owners = frozenset({sibling(resource, f"application:{application}")})
    return Reading(as_tags(DEPLOY_TAGS.of(client, resource)), owners, answer["deploymentGroupInfo"])


def remove_group(scope: Scope, resource: Resource, _: Reading) -> None:
    """A deployment that goes on is stopped as it is: it would give the service tasks that are being removed."""
    client = scope.client("codedeploy", resource)
    group = {"applicationName": application_of(resource), "deploymentGroupName": group_name(resource)}
    for deployment in paged(client, "list_deployments", "deployments", **group, includeOnlyStatuses=UNDER_WAY):
        client.stop_deployment(deploymentId=deployment, autoRollbackEnabled=False)
    client.delete_deployment_group(**group)


def read_target(scope: Scope, resource: Resource) -> Reading:
    """A scalable target is part of the service that it scales."""
    client = scope.client("application-autoscaling", resource)
    of_service = {"ResourceIds": [resource.owner.split(":", 5)[5]]} if resource.owner else {}
    targets = paged(client, "describe_scalable_targets", "ScalableTargets", ServiceNamespace="ecs", **of_service)
    details = only([target for target in targets if target["ScalableTargetARN"] == resource.arn])
    owners = frozenset({sibling(resource, details["ResourceId"], "ecs")})
    return Reading(as_tags(TARGET_TAGS.of(client, resource)), owners, details)


def remove_target(scope: Scope, resource: Resource, reading: Reading) -> None:
    """Its policies, and the alarms that they made, go with it."""
    named = {name: reading.details[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
    scope.client("application-autoscaling", resource).deregister_scalable_target(**named)


REMOVERS = {
    "codebuild:project": Remover(
        described("codebuild", "batch_get_projects", "names", "projects", several=True, tags="tags"), remove_project
    ),
    "codedeploy:application": Remover(
        described("codedeploy", "get_application", "applicationName", "application", tags=DEPLOY_TAGS),
        deletes("codedeploy", "delete_application", "applicationName"),
    ),
    "codedeploy:deploymentgroup": Remover(read_group, remove_group),
    "application-autoscaling:scalable-target": Remover(read_target, remove_target),
}
