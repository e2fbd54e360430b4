"""Repairs of RDS: global databases and their members."""

from typing import Any

from moto.rds.models import DBCluster, GlobalCluster, RDSBackend

from local_aws.calls import Call
from local_aws.databases.addresses import free_address
from local_aws.databases.aurora import PORTS
from local_aws.databases.global_databases import global_cluster_of, global_clusters, join, source_of
from local_aws.registry import Output, Plain, installs, patch, repairs


@installs
def give_global_clusters_what_moto_lacks() -> None:
    """An endpoint on this computer, and what AWS shows of them beside what moto keeps."""
    create = GlobalCluster.__init__
    endpoint: Any = vars(GlobalCluster)["endpoint"]

    def create_global_cluster(found: Any, *arguments: Any, **options: Any) -> None:
        create(found, *arguments, **options)
        found.database_name = found.failover_state = None
        found.local_address = free_address(PORTS[found.engine]) if found.engine in PORTS else None

    patch(
        GlobalCluster,
        __init__=create_global_cluster,
        endpoint=property(lambda found: found.local_address or endpoint.fget(found)),
    )


@installs
def find_tagged_global_clusters() -> None:
    """moto takes no tags for them; they are found from every Region."""
    plain = RDSBackend._get_resource_for_tagging

    def find(backend: RDSBackend, arn: str) -> Any:
        _, _, name = arn.partition(":global-cluster:")
        return global_clusters(backend.account_id).get(name) if name else plain(backend, arn)

    patch(RDSBackend, _get_resource_for_tagging=find)


@installs
def keep_the_master_password_of_primaries() -> None:
    """moto drops the password of a cluster that is made in a global database."""
    create = DBCluster.__init__

    def create_cluster(cluster: Any, *arguments: Any, **options: Any) -> None:
        create(cluster, *arguments, **options)
        if cluster.global_cluster_identifier and options.get("master_user_password"):
            cluster.master_user_password = options["master_user_password"]

    patch(DBCluster, __init__=create_cluster)


@installs
def show_no_writer_in_secondary_clusters() -> None:
    """All instances of a secondary cluster are readers."""
    plain: Any = vars(DBCluster)["db_cluster_members"]

    def db_cluster_members(cluster: Any) -> list[dict[str, Any]]:
        members: list[dict[str, Any]] = plain.fget(cluster)
        return [{**member, "IsClusterWriter": False} for member in members] if source_of(cluster) else members

    patch(DBCluster, db_cluster_members=property(db_cluster_members))


@repairs("rds", "CreateDBCluster")
def show_members_of_global_clusters(call: Call, plain: Plain) -> Output:
    """moto shows nothing of a secondary that comes from its primary."""
    output = plain()
    cluster = call.backend().clusters[call.params["DBClusterIdentifier"]]
    global_cluster = global_cluster_of(cluster)
    if global_cluster:
        join(global_cluster, cluster)
    return output


@repairs("rds", "ModifyDBCluster")
def upgrade_with_the_members(call: Call, plain: Plain) -> Output:
    """A global database has the new minor version when its primary, the last to be upgraded, has it."""
    output = plain()
    cluster = call.backend().clusters[call.params.get("NewDBClusterIdentifier") or call.params["DBClusterIdentifier"]]
    global_cluster = global_cluster_of(cluster)
    if global_cluster and cluster.is_writer:
        global_cluster.engine_version = cluster.engine_version
    return output
