"""CodeDeploy: groups and applications that change and go, and deployments that really run.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/
"""

from typing import Any

from local_aws.calls import Call
from local_aws.code_deploy.deployment import Deployment
from local_aws.code_deploy.routing import steps
from local_aws.code_deploy.view import shown_deployment, shown_group, shown_target
from local_aws.errors import AwsError
from local_aws.registry import Output, operation

ATTRIBUTES = {
    "alarmConfiguration": "alarm_configuration",
    "autoRollbackConfiguration": "auto_rollback_configuration",
    "blueGreenDeploymentConfiguration": "blue_green_deployment_configuration",
    "deploymentConfigName": "deployment_config_name",
    "deploymentStyle": "deployment_style",
    "ecsServices": "ecs_services",
    "loadBalancerInfo": "load_balancer_info",
    "newDeploymentGroupName": "deployment_group_name",
    "outdatedInstancesStrategy": "outdated_instances_strategy",
    "serviceRoleArn": "service_role_arn",
    "terminationHookEnabled": "termination_hook_enabled",
    "triggerConfigurations": "trigger_configurations",
}
"""Parameters of UpdateDeploymentGroup by what moto calls them."""

HELD = "blue_green_deployments"


def _group(call: Call, name: str) -> Any:
    return call.backend().get_deployment_group(call.params["applicationName"], name)


def _deployment(call: Call, identity: str) -> Deployment:
    found: Deployment | None = call.collection(HELD).get(identity)
    if found is None:
        raise AwsError("DeploymentDoesNotExistException", f"The deployment {identity} could not be found")
    return found


@operation("codedeploy", "GetDeploymentGroup")
def get_deployment_group(call: Call) -> Output:
    """A group with its alarms, which moto drops."""
    return {"deploymentGroupInfo": shown_group(_group(call, call.params["deploymentGroupName"]))}


@operation("codedeploy", "UpdateDeploymentGroup")
def update_deployment_group(call: Call) -> Output:
    """Changes what the call names."""
    group = _group(call, call.params["currentDeploymentGroupName"])
    for name, attribute in ATTRIBUTES.items():
        if name in call.params:
            setattr(group, attribute, call.params[name])
    groups = call.backend().deployment_groups[call.params["applicationName"]]
    groups.pop(call.params["currentDeploymentGroupName"])
    groups[group.deployment_group_name] = group
    return {"hooksNotCleanedUp": []}


@operation("codedeploy", "DeleteDeploymentGroup")
def delete_deployment_group(call: Call) -> Output:
    """Removes a group; one that is not there is no error."""
    application, name = call.params["applicationName"], call.params["deploymentGroupName"]
    call.backend().deployment_groups.get(application, {}).pop(name, None)
    call.backend().tagger.delete_all_tags_for_resource(call.arn(f"deploymentgroup:{application}/{name}"))
    return {"hooksNotCleanedUp": []}


@operation("codedeploy", "DeleteApplication")
def delete_application(call: Call) -> None:
    """Removes an application with its groups."""
    name = call.params["applicationName"]
    call.backend().applications.pop(name, None)
    call.backend().deployment_groups.pop(name, None)
    call.backend().tagger.delete_all_tags_for_resource(call.arn(f"application:{name}"))


@operation("codedeploy", "CreateDeployment")
def create_deployment(call: Call) -> Output:
    """Begins a deployment. A group has one at a time."""
    group, held = _group(call, call.params["deploymentGroupName"]), call.collection(HELD)
    if group.application.compute_platform != "ECS":
        raise AwsError("InvalidComputePlatformException", "The local AWS deploys ECS services")
    active = next((one for one in held.values() if one.group is group and one.under_way), None)
    if active:
        text = f"The Deployment Group '{group.deployment_group_name}' already has an active Deployment '{active.id}'"
        raise AwsError("DeploymentLimitExceededException", text)

    def register(deployment: Deployment) -> None:
        held[deployment.id] = deployment

    deployment = Deployment(group, dict(call.params), call.account_id, call.region, register)
    if steps(deployment.configuration) is None:
        text = f"No deployment configuration of ECS is named {deployment.configuration}"
        raise AwsError("DeploymentConfigDoesNotExistException", text)
    register(deployment)
    deployment.begin()
    return {"deploymentId": deployment.id}


@operation("codedeploy", "GetDeployment")
def get_deployment(call: Call) -> Output:
    """A deployment as it is now."""
    return {"deploymentInfo": shown_deployment(_deployment(call, call.params["deploymentId"]))}


@operation("codedeploy", "BatchGetDeployments")
def batch_get_deployments(call: Call) -> Output:
    """Deployments as they are now."""
    held = call.collection(HELD)
    return {"deploymentsInfo": [shown_deployment(held[one]) for one in call.params["deploymentIds"] if one in held]}


@operation("codedeploy", "ListDeployments")
def list_deployments(call: Call) -> Output:
    """Ids of deployments, the newest first."""
    given, held = call.params, reversed(list(call.collection(HELD).values()))
    statuses = given.get("includeOnlyStatuses") or []
    return {"deployments": [one.id for one in held if _is_of(one, given) and (not statuses or one.status in statuses)]}


def _is_of(deployment: Deployment, given: dict[str, Any]) -> bool:
    group = deployment.group
    wanted = given.get("applicationName"), given.get("deploymentGroupName")
    named = group.application.application_name, group.deployment_group_name
    return all(one in (None, name) for one, name in zip(wanted, named, strict=True))


@operation("codedeploy", "StopDeployment")
def stop_deployment(call: Call) -> Output:
    """Stops a deployment, which goes back if the call or its group wants it."""
    deployment = _deployment(call, call.params["deploymentId"])
    if not deployment.under_way:
        raise AwsError("DeploymentAlreadyCompletedException", f"The deployment {deployment.id} has already completed")
    deployment.stop(call.params.get("autoRollbackEnabled"))
    return {"status": "Pending", "statusMessage": "The deployment is being stopped."}


@operation("codedeploy", "ListDeploymentTargets")
def list_deployment_targets(call: Call) -> Output:
    """The one target of a deployment: its service."""
    return {"targetIds": [shown_target(_deployment(call, call.params["deploymentId"]))["ecsTarget"]["targetId"]]}


@operation("codedeploy", "BatchGetDeploymentTargets")
def batch_get_deployment_targets(call: Call) -> Output:
    """The service that a deployment works on, with its task sets."""
    return {"deploymentTargets": [shown_target(_deployment(call, call.params["deploymentId"]))]}
