"""Global databases as moto holds them: who is a member, who is the primary."""

from typing import Any

from moto.rds.models import DBCluster, GlobalCluster, RDSBackend, rds_backends

HOME = "us-east-1"
"""The Region in which moto keeps them. They belong to none."""


def global_clusters(account_id: str) -> dict[str, GlobalCluster]:
    """All global databases of an account, by identifier, in whichever case that is given."""
    backend: RDSBackend = rds_backends[account_id][HOME]
    found: Any = backend.global_clusters
    return found  # type: ignore[no-any-return]


def global_cluster_of(cluster: DBCluster) -> GlobalCluster | None:
    """The global database that a cluster is a member of."""
    databases = global_clusters(cluster.account_id).values()
    return next((found for found in databases if any(member is cluster for member in found.members)), None)


def primary_of(global_cluster: GlobalCluster) -> DBCluster | None:
    """The member that takes writes."""
    return next((member for member in global_cluster.members if member.is_writer), None)


def source_of(cluster: DBCluster) -> DBCluster | None:
    """The primary that a cluster follows; None if it is no secondary."""
    global_cluster = global_cluster_of(cluster)
    primary = primary_of(global_cluster) if global_cluster else None
    return None if primary is cluster else primary


def join(global_cluster: GlobalCluster, cluster: DBCluster) -> None:
    """Shows a new member as AWS does: a secondary has the primary's master user and names whom it follows."""
    cluster.engine_version = global_cluster.engine_version
    primary = primary_of(global_cluster)
    if primary and primary is not cluster:
        cluster.master_username = primary.master_username
        cluster.replication_source_identifier = primary.arn
        cluster.storage_encrypted = primary.storage_encrypted


def leave(global_cluster: GlobalCluster, cluster: DBCluster) -> None:
    """Makes a member stand alone, with the master user and the password that it had from the primary."""
    primary = primary_of(global_cluster)
    if primary and primary is not cluster:
        _inherit(cluster, primary)
    global_cluster.members.remove(cluster)
    cluster.global_cluster_identifier = cluster.replication_source_identifier = None
    cluster.is_writer = False


def make_primary(global_cluster: GlobalCluster, cluster: DBCluster) -> None:
    """Makes another member the primary, whom all others follow."""
    primary = primary_of(global_cluster)
    if primary:
        _inherit(cluster, primary)
    for member in global_cluster.members:
        member.is_writer = member is cluster
        member.replication_source_identifier = None if member.is_writer else cluster.arn


def _inherit(cluster: DBCluster, primary: DBCluster) -> None:
    cluster.master_username = primary.master_username
    cluster._master_user_password = primary._master_user_password
