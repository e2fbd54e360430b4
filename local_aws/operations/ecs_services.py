"""ECS: services whose tasks really run, in place of moto's, which have none."""

from typing import Any

from local_aws import containers
from local_aws.calls import Call
from local_aws.containers.service_run import ServiceRun
from local_aws.containers.service_view import shown_service
from local_aws.errors import AwsError
from local_aws.load_balancers.checks import in_use
from local_aws.registry import Output, operation

NEW_DEPLOYMENT = (
    "capacityProviderStrategy",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "launchType",
    "loadBalancers",
    "networkConfiguration",
    "platformVersion",
    "propagateTags",
    "serviceRegistries",
    "taskDefinition",
)
"""Settings whose change replaces all tasks
(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html)."""

LEFT_TO_CODEDEPLOY = ("loadBalancers", "platformVersion", "taskDefinition")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def _cluster(call: Call) -> Any:
    cluster = call.backend()._get_cluster(call.params.get("cluster") or "default")
    if cluster.status != "ACTIVE":
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    return cluster


def _definition(call: Call) -> Any:
    definition = call.backend().describe_task_definition(call.params["taskDefinition"])
    if definition.status != "ACTIVE":
        raise AwsError("ClientException", "TaskDefinition is inactive")
    return definition


def _run(call: Call, name: str) -> ServiceRun | None:
    """The service by name or ARN, also one that was deleted."""
    cluster = call.backend()._get_cluster(call.params.get("cluster") or "default")
    return containers.running().services.get(call.arn(f"service/{cluster.name}/{name.rpartition('/')[2]}"))


def _active(call: Call) -> ServiceRun:
    run = _run(call, call.params["service"])
    if run is None or run.service.status == "INACTIVE":
        raise AwsError("ServiceNotFoundException", "Service not found.")
    if run.service.status != "ACTIVE":
        raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
    return run


@operation("ecs", "CreateService")
def create_service(call: Call) -> Output:
    """Makes a service and starts its tasks."""
    given, cluster, definition = dict(call.params), _cluster(call), _definition(call)
    existing = _run(call, given["serviceName"])
    if existing and existing.service.status == "ACTIVE":
        raise _invalid("Creation of service was not idempotent.")
    if existing and existing.service.status == "DRAINING":
        raise _invalid("Unable to Start a service that is still Draining.")
    _check(call, given, definition)
    service = call.backend().create_service(
        cluster.name,
        given["serviceName"],
        int(given.get("desiredCount") or 0),
        definition.arn,
        tags=given.get("tags"),
        deployment_controller=given.get("deploymentController"),
        launch_type="FARGATE",
        propagate_tags=given.get("propagateTags") or "NONE",
        network_configuration=given.get("networkConfiguration"),
    )
    run = containers.running().add(service, given, definition)
    return {"service": shown_service(run)}


def _check(call: Call, given: dict[str, Any], definition: Any) -> None:
    """Refuses what AWS refuses."""
    if not given.get("networkConfiguration"):
        raise _invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if given.get("launchType") and given.get("capacityProviderStrategy"):
        raise _invalid("Specifying both a launch type and capacity provider strategy is not supported.")
    by_codedeploy = (given.get("deploymentController") or {}).get("type") == "CODE_DEPLOY"
    breaker = (given.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker") or {}
    if by_codedeploy and breaker.get("enable"):
        raise _invalid("DeploymentCircuitBreaker feature can only be enabled with ECS deployment controller.")
    defined = {one["name"]: one for one in definition.container_definitions}
    for balancer in given.get("loadBalancers") or []:
        group = call.backend("elbv2").target_groups.get(balancer["targetGroupArn"])
        if group is None or not in_use(group):
            arn = balancer["targetGroupArn"]
            raise _invalid(f"The target group with targetGroupArn {arn} does not have an associated load balancer.")
        ports = [
            int(one["containerPort"]) for one in defined.get(balancer["containerName"], {}).get("portMappings", [])
        ]
        if int(balancer["containerPort"]) not in ports:
            name, port = balancer["containerName"], balancer["containerPort"]
            raise _invalid(f"The container {name} did not have a container port {port} defined.")


@operation("ecs", "UpdateService")
def update_service(call: Call) -> Output:
    """Changes a service; what its tasks are made of leads to a new deployment."""
    run, given = _active(call), {name: value for name, value in call.params.items() if value is not None}
    controller = (run.settings.get("deploymentController") or {}).get("type", "ECS")
    definition = run.primary.definition
    if "taskDefinition" in given:
        definition = _definition(call)
        given["taskDefinition"] = definition.arn
    before = {**run.settings, "taskDefinition": run.service.task_definition}
    changed = [name for name in NEW_DEPLOYMENT if name in given and given[name] != before.get(name)]
    if controller == "CODE_DEPLOY" and (left := [name for name in LEFT_TO_CODEDEPLOY if name in changed]):
        what = "task definition" if "taskDefinition" in left else left[0]
        text = f"Unable to update {what} on services with a CODE_DEPLOY deployment controller."
        raise _invalid(f"{text} Use AWS CodeDeploy to trigger a new deployment.")
    run.settings = {**run.settings, **given}
    if "desiredCount" in given:
        run.service.desired_count = int(given["desiredCount"])
    if changed or given.get("forceNewDeployment"):
        run.service.task_definition = definition.arn
        run.deploy(definition)
    return {"service": shown_service(run)}


@operation("ecs", "DeleteService")
def delete_service(call: Call) -> Output:
    """Lets a service's tasks end; it is inactive after that."""
    run = _active(call)
    if run.desired > 0 and not call.params.get("force"):
        raise _invalid("The service cannot be stopped while it is scaled above 0.")
    run.service.desired_count = 0
    run.service.status = "DRAINING"
    return {"service": shown_service(run)}


@operation("ecs", "DescribeServices")
def describe_services(call: Call) -> Output:
    """Services with what runs of them."""
    tags, found, failures = "TAGS" in (call.params.get("include") or []), [], []
    for name in call.params["services"]:
        run = _run(call, name)
        if run:
            found.append(shown_service(run, tags=tags))
        else:
            failures.append({"arn": name, "reason": "MISSING"})
    return {"services": found, "failures": failures}


@operation("ecs", "ListServices")
def list_services(call: Call) -> Output:
    """The services of a cluster that are not deleted."""
    cluster = _cluster(call)
    runs = containers.running().services.items()
    held = [arn for arn, run in runs if run.service.cluster_arn == cluster.arn and run.service.status != "INACTIVE"]
    return {"serviceArns": sorted(held)}
