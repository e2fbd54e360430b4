"""What is in which subnets: database instances, tasks."""

from collections.abc import Collection, Iterator

from moto.rds.models import DBCluster, DBInstanceClustered, rds_backends

from local_aws import containers
from local_aws.containers.task import Task
from local_aws.experiments import outages


def clusters_of(account: str, region: str) -> list[DBCluster]:
    """The Aurora clusters of a Region."""
    return list(rds_backends[account][region].clusters.values())


def subnets_of(instance: DBInstanceClustered) -> set[str]:
    """Those of its subnet group that are in its zone."""
    group = instance.cluster.db_subnet_group_name
    groups = rds_backends[instance.account_id][instance.region].subnet_groups
    subnets = groups[group].subnets if group in groups else []
    zone = instance.availability_zone
    return {one["SubnetIdentifier"] for one in subnets if one["SubnetAvailabilityZone"]["Name"] == zone}


def instances_in(account: str, region: str, subnets: Collection[str]) -> Iterator[DBInstanceClustered]:
    """The clusters' instances in some of these subnets."""
    for cluster in clusters_of(account, region):
        for member in list(cluster.members):
            if subnets_of(member) & set(subnets):
                yield member


def is_cut(instance: DBInstanceClustered) -> bool:
    """Whether the subnets of an instance are cut off."""
    return outages.all_cut(subnets_of(instance))


def all_cut(cluster: DBCluster) -> bool:
    """Whether a cluster has instances, and the subnets of each are cut off."""
    return bool(cluster.members) and all(is_cut(member) for member in cluster.members)


def tasks_in(account: str, region: str, subnets: Collection[str]) -> list[Task]:
    """The running tasks in some of these subnets."""
    return [
        task
        for task in containers.tasks_in(account, region).values()
        if task.network and task.network.interface.subnet.id in subnets
    ]
