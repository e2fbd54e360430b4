"""RDS: endpoints are addresses of this computer, which belong to names: who is renamed gets those of the new name."""

from collections.abc import Callable
from typing import Any

from moto.rds.models import DBCluster, DBInstance, DBInstanceClustered, DBProxy

from local_aws import databases
from local_aws.calls import Call
from local_aws.databases.addresses import free_address
from local_aws.databases.aurora import FAMILY, PROXY_PORT, has_database
from local_aws.databases.background import status_of, work_on
from local_aws.databases.global_databases import global_cluster_of
from local_aws.databases.ports import is_free
from local_aws.databases.service import SECONDS
from local_aws.registry import Output, Plain, installs, patch, repairs


class _Names:
    """Addresses of names that nobody has now, since who had them was renamed."""

    def __init__(self) -> None:
        self._left: dict[str, list[str]] = {}

    def leave(self, name: str, addresses: list[str]) -> None:
        self._left[name] = addresses

    def take(self, name: str, number: int, port: int) -> list[str]:
        """So many addresses on which the port is free."""
        left = self._left.pop(name, [])
        usable = len(left) == number and all(is_free(address, port) for address in left)
        return left if usable else [free_address(port) for _ in range(number)]


def _names(backend: Any) -> _Names:
    found: _Names = vars(backend).setdefault("endpoint_names", _Names())
    return found


def _name_cluster(cluster: Any) -> None:
    taken = _names(cluster.backend).take(f"cluster {cluster.db_cluster_identifier}", 2, int(cluster.port))
    cluster.local_address, cluster.local_reader_address = taken


def _name_instance(instance: Any) -> None:
    name = f"instance {instance.db_instance_identifier.lower()}"
    (instance.local_address,) = _names(instance.backend).take(name, 1, int(instance.port))


@installs
def give_clusters_addresses() -> None:
    """moto invents names of endpoints that do not exist."""
    create = DBCluster.__init__
    endpoint: Any = vars(DBCluster)["endpoint"]
    reader_endpoint: Any = vars(DBCluster)["reader_endpoint"]
    status: Any = vars(DBCluster)["status"]

    def create_cluster(cluster: Any, *arguments: Any, **options: Any) -> None:
        create(cluster, *arguments, **options)
        if has_database(cluster):
            _name_cluster(cluster)

    patch(
        DBCluster,
        __init__=create_cluster,
        endpoint=property(lambda cluster: vars(cluster).get("local_address") or endpoint.fget(cluster)),
        reader_endpoint=property(
            lambda cluster: vars(cluster).get("local_reader_address") or reader_endpoint.fget(cluster)
        ),
        status=property(lambda cluster: status_of(cluster) or status.fget(cluster), status.fset),
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
            _name_instance(instance)
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


@repairs("rds", "ModifyDBCluster")
def rename_cluster(call: Call, plain: Plain) -> Output:
    """The endpoints follow the name; instances and data stay the cluster's. moto leaves the instances behind.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Modifying.html
    """
    old, new = call.params["DBClusterIdentifier"], call.params.get("NewDBClusterIdentifier")
    cluster: Any = call.backend().clusters.get(old)
    if not new or cluster is None:
        return plain()
    members, arn = cluster._members, cluster.arn
    plain()
    for instance in members:
        instance.db_cluster_identifier = cluster.db_cluster_identifier
    for member in getattr(global_cluster_of(cluster), "members", []):
        if member.replication_source_identifier == arn:
            member.replication_source_identifier = cluster.arn
    _rename_in_others(call.backend(), old.lower(), cluster.db_cluster_identifier)
    if has_database(cluster):
        databases.running().release(cluster)
        left = [cluster.local_address, cluster.local_reader_address]
        _names(call.backend()).leave(f"cluster {old.lower()}", left)
        _name_cluster(cluster)
        _start_again(cluster)
    return {"DBCluster": cluster}


@repairs("rds", "ModifyDBInstance")
def rename_instance(call: Call, plain: Plain) -> Output:
    """The same for an instance. Its cluster's other instances start again with it, and are away for a moment."""
    old, new = call.params["DBInstanceIdentifier"], call.params.get("NewDBInstanceIdentifier")
    instance: Any = call.backend().databases.get(old)
    if not new or not isinstance(instance, DBInstanceClustered) or not has_database(instance.cluster):
        return plain()
    plain()
    own: Any = instance
    databases.running().release(instance.cluster)
    _names(call.backend()).leave(f"instance {old.lower()}", [own.local_address])
    _name_instance(instance)
    own.status = "renaming"
    _start_again(instance.cluster, ended=lambda _: setattr(own, "status", "available"))
    return {"DBInstance": instance}


def _rename_in_others(backend: Any, old: str, new: str) -> None:
    """Automatic snapshots and proxies stay those of the cluster that is renamed."""
    for snapshot in backend.cluster_snapshots.values():
        if (snapshot.db_cluster_identifier, snapshot.snapshot_type) == (old, "automated"):
            snapshot.db_cluster_identifier = new
    for proxy in backend.db_proxies.values():
        for target in proxy.proxy_target_groups["default"].targets:
            if target.rds_resource_id == old:
                target.rds_resource_id = new


def _start_again(cluster: Any, ended: Callable[[bool], None] | None = None) -> None:
    """Starts what was released; global databases lead to it, and other members follow it, at its new address."""

    def start() -> None:
        members = getattr(global_cluster_of(cluster), "members", [cluster])
        for member in sorted(members, key=lambda member: member is not cluster):
            databases.running().apply(member).result(SECONDS)

    work_on(cluster, "renaming", start, ended)
