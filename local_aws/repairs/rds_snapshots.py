"""RDS: snapshots of clusters have the data that were in the databases."""

from functools import partial

from local_aws import databases
from local_aws.calls import Call
from local_aws.databases.aurora import has_database
from local_aws.databases.background import start
from local_aws.registry import Output, Plain, repairs


@repairs("rds", "CreateDBClusterSnapshot")
def save_data(call: Call, plain: Plain) -> Output:
    """The snapshot is `creating` until the data are kept."""
    plain()
    backend = call.backend()
    cluster = backend.clusters[call.params["DBClusterIdentifier"]]
    snapshot = backend.cluster_snapshots[call.params["DBClusterSnapshotIdentifier"]]
    if has_database(cluster):
        snapshot.status, snapshot.percent_progress = "creating", 0

        def ended(succeeded: bool) -> None:
            snapshot.status, snapshot.percent_progress = ("available", 100) if succeeded else ("failed", 0)

        start(snapshot.arn, partial(databases.running().save, cluster, snapshot.arn), ended)
    return {"DBClusterSnapshot": snapshot}


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
