"""RDS with databases behind it: addresses of this computer, and processes that do what the calls say."""

import logging
from concurrent.futures import Future
from typing import Any

from moto.rds.models import DBCluster, DBInstance, DBInstanceClustered, DBProxy

from local_aws import databases
from local_aws.calls import Call
from local_aws.databases.addresses import free_address
from local_aws.databases.aurora import FAMILY, PROXY_PORT, has_database
from local_aws.databases.service import SECONDS
from local_aws.registry import Output, Plain, installs, patch, repairs

log = logging.getLogger(__name__)


@installs
def give_clusters_addresses() -> None:
    """moto invents names of endpoints that do not exist."""
    create = DBCluster.__init__
    endpoint: Any = vars(DBCluster)["endpoint"]
    reader_endpoint: Any = vars(DBCluster)["reader_endpoint"]

    def create_cluster(cluster: Any, *arguments: Any, **options: Any) -> None:
        create(cluster, *arguments, **options)
        if has_database(cluster):
            cluster.local_address = free_address(int(cluster.port))
            cluster.local_reader_address = free_address(int(cluster.port))

    patch(
        DBCluster,
        __init__=create_cluster,
        endpoint=property(lambda cluster: vars(cluster).get("local_address") or endpoint.fget(cluster)),
        reader_endpoint=property(
            lambda cluster: vars(cluster).get("local_reader_address") or reader_endpoint.fget(cluster)
        ),
    )


@installs
def give_instances_addresses() -> None:
    """The same for the instances of clusters, which have their cluster's port."""
    create = DBInstanceClustered.__init__
    plain: Any = vars(DBInstance)["address"]

    def create_instance(instance: Any, *arguments: Any, **options: Any) -> None:
        create(instance, *arguments, **options)
        if has_database(instance.cluster):
            instance.port = int(instance.cluster.port)
            instance.local_address = free_address(instance.port)
            # Another call may ask before the database answers.
            instance.status = "creating"

    patch(
        DBInstanceClustered,
        __init__=create_instance,
        address=property(lambda instance: vars(instance).get("local_address") or plain.fget(instance)),
    )


@installs
def give_proxies_addresses() -> None:
    """The same for proxies."""
    create = DBProxy.__init__

    def create_proxy(proxy: Any, *arguments: Any, **options: Any) -> None:
        create(proxy, *arguments, **options)
        if proxy.engine_family == FAMILY:
            proxy.endpoint = free_address(PROXY_PORT)

    patch(DBProxy, __init__=create_proxy)


@repairs("rds", "CreateDBInstance")
def start_instance(call: Call, plain: Plain) -> Output:
    """The instance is `creating` until its database answers; `failed` if it does not come up."""
    output = plain()
    instance = call.backend().databases[call.params["DBInstanceIdentifier"]]
    if not isinstance(instance, DBInstanceClustered) or not has_database(instance.cluster):
        return output

    def started(done: "Future[None]") -> None:
        error = done.exception()
        if error:
            log.error("%s did not start: %s", instance.db_instance_identifier, error)
        if instance.status == "creating":
            instance.status = "failed" if error else "available"

    databases.running().apply(instance.cluster).add_done_callback(started)
    return output


@repairs("rds", "DeleteDBInstance", "ModifyDBCluster", "FailoverDBCluster", "StartDBCluster", "StopDBCluster")
@repairs("rds", "CreateDBProxy", "ModifyDBProxy", "DeleteDBProxy")
@repairs("rds", "RegisterDBProxyTargets", "DeregisterDBProxyTargets")
def apply_changes(call: Call, plain: Plain) -> Output:
    """What runs follows: the writer, the master user's password, what is stopped or gone, where proxies lead."""
    output = plain()
    changes = [databases.running().apply(cluster) for cluster in call.backend().clusters.values()]
    for change in changes:
        change.result(SECONDS)
    return output


@repairs("rds", "DeleteDBCluster")
def end_cluster(call: Call, plain: Plain) -> Output:
    """Ends the cluster's processes and removes its data."""
    cluster = call.backend().clusters.get(call.params["DBClusterIdentifier"].lower())
    output = plain()
    if cluster is not None and has_database(cluster):
        databases.running().remove(cluster)
    return output


@repairs("rds", "RebootDBInstance")
def restart_instance(call: Call, plain: Plain) -> Output:
    """moto does nothing. Here the database is down for a moment, and its connections are lost."""
    output = plain()
    instance = call.backend().databases[call.params["DBInstanceIdentifier"]]
    if isinstance(instance, DBInstanceClustered) and has_database(instance.cluster):
        databases.running().reboot(instance)
    return output


@repairs("rds", "RegisterDBProxyTargets", "DescribeDBProxyTargets")
def show_port_of_targets(call: Call, plain: Plain) -> Output:
    """moto shows PostgreSQL's port."""
    output, backend = plain(), call.backend()
    for target in output.get("DBProxyTargets") or output.get("Targets") or []:
        cluster = backend.clusters.get(target.get("RdsResourceId"))
        if cluster is not None:
            target["Port"] = int(cluster.port)
    return output
