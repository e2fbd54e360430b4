"""A task as DescribeTasks shows it."""

from typing import Any

from local_aws.containers.task import Task

PLATFORM_VERSION = "1.4.0"
"""What LATEST is on Linux (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html)."""


def shown_task(task: Task) -> dict[str, Any]:
    """The task with its containers and its network interface."""
    request, network = task.request, task.network
    shown: dict[str, Any] = {
        "taskArn": task.task_arn,
        "clusterArn": task.cluster_arn,
        "taskDefinitionArn": task.task_definition_arn,
        "group": request.group,
        "startedBy": request.started_by or None,
        "launchType": "FARGATE",
        "capacityProviderName": request.capacity_provider or None,
        "platformVersion": PLATFORM_VERSION,
        "platformFamily": "Linux",
        "availabilityZone": network.zone if network else None,
        "attachments": [network.attachment("DELETED" if task.stopped else "ATTACHED")] if network else [],
        "containers": [one.shown(task.last_status) for one in task.containers],
        "overrides": dict(request.overrides),
        "cpu": request.definition.cpu,
        "memory": request.definition.memory,
        "connectivity": "CONNECTED",
        "desiredStatus": task.desired_status,
        "lastStatus": task.last_status,
        "healthStatus": task.health_status,
        "stopCode": task.stop_code or None,
        "stoppedReason": task.stopped_reason or None,
        "tags": task.tags,
        "version": len(task.times),
        **task.times,
    }
    return {name: value for name, value in shown.items() if value is not None}
