"""ECS: tasks that are processes, in place of moto's."""

from typing import Any

from local_aws import containers
from local_aws.calls import Call
from local_aws.containers.capacity import next_provider
from local_aws.containers.task import Task
from local_aws.containers.task_request import TaskRequest
from local_aws.containers.task_view import shown_task
from local_aws.errors import AwsError
from local_aws.registry import Output, operation


def _tasks(call: Call) -> list[Task]:
    """The tasks of a cluster, also some that have stopped."""
    cluster = call.backend()._get_cluster(call.params.get("cluster") or "default")
    return [task for task in containers.running().tasks() if task.cluster_arn == cluster.arn]


def _named(tasks: list[Task], name: str) -> Task | None:
    return next((task for task in tasks if task.id == name.rpartition("/")[2]), None)


@operation("ecs", "RunTask")
def run_task(call: Call) -> Output:
    """Starts tasks that belong to no service."""
    given, backend = call.params, call.backend()
    cluster = backend._get_cluster(given.get("cluster") or "default")
    definition = backend.describe_task_definition(given["taskDefinition"])
    network = given.get("networkConfiguration")
    if not network:
        text = "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        raise AwsError("InvalidParameterException", text)
    strategy = given.get("capacityProviderStrategy") or []
    if not strategy and not given.get("launchType"):
        strategy = cluster.default_capacity_provider_strategy or []
    started: list[Task] = []
    for _ in range(int(given.get("count") or 1)):
        request = TaskRequest(
            cluster_arn=cluster.arn,
            definition=definition,
            network=network,
            group=given.get("group") or f"family:{definition.family}",
            started_by=given.get("startedBy") or "",
            capacity_provider=next_provider(strategy, [task.request.capacity_provider for task in started]),
            overrides=given.get("overrides") or {},
            tags=tuple(given.get("tags") or ()),
        )
        started.append(containers.running().run_task(request))
    return {"tasks": [shown_task(task) for task in started], "failures": []}


@operation("ecs", "StopTask")
def stop_task(call: Call) -> Output:
    """Lets a task end. A service starts another one in its place."""
    task = _named(_tasks(call), call.params["task"])
    if task is None:
        raise AwsError("InvalidParameterException", "The referenced task was not found.")
    task.stop("UserInitiated", call.params.get("reason") or "Task stopped by user")
    return {"task": shown_task(task)}


@operation("ecs", "DescribeTasks")
def describe_tasks(call: Call) -> Output:
    """Tasks as they are now."""
    tasks, found, failures = _tasks(call), [], []
    for name in call.params["tasks"]:
        task = _named(tasks, name)
        if task:
            shown = shown_task(task)
            if "TAGS" not in (call.params.get("include") or []):
                shown.pop("tags")
            found.append(shown)
        else:
            failures.append({"arn": name, "reason": "MISSING"})
    return {"tasks": found, "failures": failures}


@operation("ecs", "ListTasks")
def list_tasks(call: Call) -> Output:
    """Tasks that are to run, or those that are to be stopped."""
    given = call.params
    wanted: dict[str, Any] = {"desired_status": given.get("desiredStatus") or "RUNNING"}
    if given.get("serviceName"):
        wanted["group"] = f"service:{given['serviceName'].rpartition('/')[2]}"
    if given.get("family"):
        wanted["family"] = given["family"]
    if given.get("startedBy"):
        wanted["started_by"] = given["startedBy"]
    return {"taskArns": [task.task_arn for task in _tasks(call) if wanted.items() <= _facts(task).items()]}


def _facts(task: Task) -> dict[str, Any]:
    request = task.request
    return {
        "desired_status": task.desired_status,
        "family": request.definition.family,
        "group": request.group,
        "started_by": request.started_by,
    }
