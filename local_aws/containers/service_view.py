"""A service as DescribeServices shows it."""

from typing import Any

from local_aws.containers.deployment import Deployment
from local_aws.containers.service_run import ServiceRun

DEFAULTS: dict[str, Any] = {
    "availabilityZoneRebalancing": "DISABLED",
    "deploymentController": {"type": "ECS"},
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "loadBalancers": [],
    "placementConstraints": [],
    "placementStrategy": [],
    "platformFamily": "Linux",
    "platformVersion": "LATEST",
    "propagateTags": "NONE",
    "schedulingStrategy": "REPLICA",
    "serviceRegistries": [],
}

DEPLOYMENT_DEFAULTS = {"maximumPercent": 200, "minimumHealthyPercent": 100}

NOT_SHOWN = ("clientToken", "cluster", "forceNewDeployment", "role", "service", "tags")


def shown_service(run: ServiceRun, *, tags: bool = True) -> dict[str, Any]:
    """The service with its deployments; with CodeDeploy it has a task set instead of deployments."""
    service, settings = run.service, {**DEFAULTS, **run.settings}
    given = {name: value for name, value in settings.items() if name not in NOT_SHOWN}
    if settings.get("capacityProviderStrategy"):
        given.pop("launchType", None)
    deployments = [one.shown(primary=one is run.primary, desired=run.wanted(one)) for one in run.deployments]
    by_codedeploy = settings["deploymentController"]["type"] == "CODE_DEPLOY"
    return {
        **given,
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": service.cluster_arn,
        "status": service.status,
        "taskDefinition": service.task_definition,
        "desiredCount": run.desired,
        "runningCount": sum(one["runningCount"] for one in deployments),
        "pendingCount": sum(one["pendingCount"] for one in deployments),
        "deploymentConfiguration": {**DEPLOYMENT_DEFAULTS, **(settings.get("deploymentConfiguration") or {})},
        "deployments": [] if by_codedeploy else deployments,
        "taskSets": [_task_set(run, one) for one in run.deployments] if by_codedeploy else [],
        "events": run.events,
        "createdAt": run.created,
        "createdBy": f"arn:aws:iam::{service._account_id}:root",
        **({"tags": service.tags} if tags else {}),
    }


def _task_set(run: ServiceRun, deployment: Deployment) -> dict[str, Any]:
    """A deployment of CodeDeploy's."""
    cluster, name = run.service.cluster_name, run.service.name
    shown = deployment.shown(primary=deployment is run.primary, desired=run.wanted(deployment))
    stable = len(deployment.ready) == shown["desiredCount"] and not shown["pendingCount"]
    _, _, _, region, account, _ = run.service.arn.split(":", 5)
    return {
        "id": shown["id"],
        "taskSetArn": f"arn:aws:ecs:{region}:{account}:task-set/{cluster}/{name}/{shown['id']}",
        "serviceArn": run.service.arn,
        "clusterArn": run.service.cluster_arn,
        "startedBy": "CODE_DEPLOY",
        "status": shown["status"],
        "taskDefinition": shown["taskDefinition"],
        "computedDesiredCount": shown["desiredCount"],
        "runningCount": shown["runningCount"],
        "pendingCount": shown["pendingCount"],
        "loadBalancers": deployment.settings.get("loadBalancers") or [],
        "serviceRegistries": deployment.settings.get("serviceRegistries") or [],
        "scale": {"unit": "PERCENT", "value": 100.0},
        "stabilityStatus": "STEADY_STATE" if stable else "STABILIZING",
        "createdAt": shown["createdAt"],
        "updatedAt": shown["updatedAt"],
    }
