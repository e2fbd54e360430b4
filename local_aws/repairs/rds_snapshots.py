"""RDS: snapshots of clusters have the data that were in the databases, and outlive these."""

from functools import partial
from typing import Any

from local_aws import databases
from local_aws.calls import Call
from local_aws.databases.aurora import has_database, master_password
from local_aws.databases.background import start
from local_aws.databases.global_databases import source_of
from local_aws.registry import Output, Plain, repairs


@repairs("rds", "CreateDBClusterSnapshot")
def save_data(call: Call, plain: Plain) -> Output:
    """The snapshot is `creating` until the data are kept."""
    plain()
    backend = call.backend()
    cluster = backend.clusters[call.params["DBClusterIdentifier"]]
    snapshot = backend.cluster_snapshots[call.params["DBClusterSnapshotIdentifier"]]
    keep_password(snapshot, master_password(source_of(cluster) or cluster))
    if has_database(cluster):
        snapshot.status, snapshot.percent_progress = "creating", 0

        def ended(succeeded: bool) -> None:
            snapshot.status, snapshot.percent_progress = ("available", 100) if succeeded else ("failed", 0)

        start(snapshot.arn, partial(databases.running().save, cluster, snapshot.arn), ended)
    return {"DBClusterSnapshot": snapshot}


@repairs("rds", "DeleteDBCluster")
def end_cluster(call: Call, plain: Plain) -> Output:
    """Ends the cluster's processes and removes its data, which a final snapshot has before that."""
    backend, final = call.backend(), call.params.get("FinalDBSnapshotIdentifier")
    cluster = backend.clusters.get(call.params["DBClusterIdentifier"])
    password = master_password(source_of(cluster) or cluster) if cluster and final else ""
    output = plain()
    if final:
        keep_password(backend.cluster_snapshots[final], password)
    if cluster is not None and has_database(cluster):
        if final:
            databases.running().save(cluster, backend.cluster_snapshots[final].arn)
        databases.running().remove(cluster)
    return output


def keep_password(snapshot: Any, password: str) -> None:
    """Keeps the master user's password with the data: a secret that has it may go with the cluster."""
    snapshot.cluster.manage_master_user_password = False
    snapshot.cluster._master_user_password = password


@repairs("rds", "CopyDBClusterSnapshot")
def copy_data(call: Call, plain: Plain) -> Output:
    """The copy has the same data."""
    output, backend, given = plain(), call.backend(), call.params
    source = backend.get_db_cluster_snapshot(given["SourceDBClusterSnapshotIdentifier"])
    copy = backend.cluster_snapshots[given["TargetDBClusterSnapshotIdentifier"]]
    if databases.running().has_saved(source.arn):
        databases.running().save_again(source.arn, copy.arn)
    return output


@repairs("rds", "DeleteDBClusterSnapshot")
def remove_data(call: Call, plain: Plain) -> Output:
    """The data go with the snapshot."""
    snapshot = call.backend().cluster_snapshots.get(call.params["DBClusterSnapshotIdentifier"])
    output = plain()
    databases.running().forget(snapshot.arn)
    return output
