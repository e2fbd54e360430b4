"""What Aurora keeps of a cluster that is gone, or keeps apart from it."""

from __future__ import annotations

from collections.abc import Iterator

from tap.inventory.described import rest
from tap.inventory.listers.search import Lister, Search, part_of
from tap.inventory.listing import listed
from tap.inventory.resource import Resource


def cluster_snapshots(search: Search) -> Iterator[Resource]:
    """Snapshots of the environment's clusters. Automated ones go with their cluster as long as it exists."""
    existing = {resource.arn for resource in search.existing}
    for cluster in search.owners("rds:cluster"):
        identifier = cluster.rpartition(":")[2]
        for snapshot in listed(
            search.account,
            "rds",
            "describe_db_cluster_snapshots",
            "DBClusterSnapshots",
            none_if_gone=True,
            DBClusterIdentifier=identifier,
        ):
            if snapshot.get("SnapshotType") == "awsbackup":
                continue  # A recovery point, which is deleted in its vault.
            if snapshot.get("SnapshotType") != "automated" or cluster not in existing:
                yield part_of(cluster, snapshot["DBClusterSnapshotArn"])


def retained_backups(search: Search) -> Iterator[Resource]:
    """Automated backups that were kept when their cluster was deleted."""
    clusters = set(search.owners("rds:cluster"))
    if not clusters:
        return
    for backup in listed(search.account, "rds", "describe_db_cluster_automated_backups", "DBClusterAutomatedBackups"):
        if backup.get("DBClusterArn") in clusters and backup.get("Status") == "retained":
            arn = search.arn("rds", f"cluster-auto-backup:{backup['DbClusterResourceId']}")
            yield part_of(backup["DBClusterArn"], arn)


def is_automated_of(snapshot: Resource, existing: set[str]) -> bool:
    """Whether it is an automated snapshot, to which tags were copied, of a cluster that exists: it goes with that.

    Automated ones alone are named `rds:...`, and the cluster's name follows.
    """
    if snapshot.type != "rds:cluster-snapshot" or not rest(snapshot).startswith("rds:"):
        return False
    start = snapshot.arn.split(":cluster-snapshot:")[0]
    parts = rest(snapshot).removeprefix("rds:").split("-")
    return any(f"{start}:cluster:{'-'.join(parts[:length])}" in existing for length in range(1, len(parts)))


LISTERS = (
    Lister(
        "rds:cluster-snapshot",
        "They survive their cluster, and carry tags only where the cluster copies its own.",
        cluster_snapshots,
    ),
    Lister(
        "rds:cluster-auto-backup",
        "It is what remains of a cluster that is gone, with that one's tags or none.",
        retained_backups,
    ),
)
