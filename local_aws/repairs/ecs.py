"""Repairs of ECS: what clusters know of their services."""

from local_aws import containers
from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, Plain, repairs


@repairs("ecs", "DescribeClusters")
def count_what_runs(call: Call, plain: Plain) -> Output:  # noqa: ARG001
    """moto counts tasks that do not run."""
    output, scheduler = plain(), containers.running()
    for cluster in output.get("clusters", []):
        arn = cluster["clusterArn"]
        statuses = [task.last_status for task in scheduler.tasks() if task.cluster_arn == arn]
        cluster["runningTasksCount"] = statuses.count("RUNNING")
        cluster["pendingTasksCount"] = sum(status in ("PROVISIONING", "PENDING") for status in statuses)
        cluster["activeServicesCount"] = sum(
            run.service.cluster_arn == arn and run.service.status == "ACTIVE" for run in scheduler.services.values()
        )
    return output


@repairs("ecs", "DeleteCluster")
def keep_clusters_in_use(call: Call, plain: Plain) -> Output:
    """moto deletes clusters that have services or tasks."""
    cluster, scheduler = call.backend()._get_cluster(call.params["cluster"]), containers.running()
    services = [run.service for run in scheduler.services.values() if run.service.cluster_arn == cluster.arn]
    if any(service.status != "INACTIVE" for service in services):
        raise AwsError("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
    if any(task.cluster_arn == cluster.arn and not task.stopped for task in scheduler.tasks()):
        raise AwsError("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
    return plain()
