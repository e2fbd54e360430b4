"""Deployment groups and deployments as CodeDeploy shows them."""

from typing import Any

from moto.codedeploy.responses import _deployment_group_info

from local_aws import containers
from local_aws.code_deploy.deployment import FAILED, SUCCEEDED, Deployment


def shown_group(group: Any) -> dict[str, Any]:
    """A deployment group with its alarms."""
    return {
        **_deployment_group_info(group),
        "alarmConfiguration": group.alarm_configuration or {"enabled": False, "alarms": []},
    }


def shown_deployment(deployment: Deployment) -> dict[str, Any]:
    """A deployment with how it went."""
    group = deployment.group
    states = {"InProgress": 0, "Pending": 0, "Succeeded": 0, "Failed": 0, "Skipped": 0, "Ready": 0}
    states[deployment.status if deployment.status in states else "InProgress"] = 1
    shown = {
        "applicationName": group.application.application_name,
        "deploymentGroupName": group.deployment_group_name,
        "deploymentConfigName": deployment.configuration,
        "deploymentId": deployment.id,
        "revision": deployment.given["revision"],
        "status": deployment.status,
        "errorInformation": deployment.error,
        "rollbackInfo": deployment.rollback,
        "description": deployment.given.get("description"),
        "creator": deployment.creator,
        "deploymentOverview": states,
        "deploymentStyle": group.deployment_style,
        "blueGreenDeploymentConfiguration": group.blue_green_deployment_configuration,
        "autoRollbackConfiguration": group.auto_rollback_configuration,
        "loadBalancerInfo": group.load_balancer_info,
        "computePlatform": group.application.compute_platform,
        **deployment.times,
    }
    return {name: value for name, value in shown.items() if value not in (None, {})}


def shown_target(deployment: Deployment) -> dict[str, Any]:
    """The service that a deployment works on, with the task sets that it has now."""
    named = deployment.group.ecs_services[0]
    identity = f"{named['clusterName']}:{named['serviceName']}"
    ended = f":service/{named['clusterName']}/{named['serviceName']}"
    runs = [run for arn, run in containers.running().services.items() if arn.endswith(ended)]
    return {
        "deploymentTargetType": "ECSTarget",
        "ecsTarget": {
            "deploymentId": deployment.id,
            "targetId": identity,
            "status": deployment.status if deployment.status in (SUCCEEDED, FAILED) else "InProgress",
            "taskSetsInfo": [
                {
                    "identifer": one.id,
                    "desiredCount": run.wanted(one),
                    "runningCount": len(one.ready),
                    "pendingCount": len(one.active) - len(one.ready),
                    "status": "PRIMARY" if one is run.primary else "ACTIVE",
                }
                for run in runs
                for one in run.deployments
            ],
        },
    }
