"""RDS: Aurora MySQL clusters go back in time, and forward again, in place.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Managing.Backtrack.html
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from moto.core.utils import utcnow
from moto.rds.models import DBCluster

from local_aws import databases
from local_aws.calls import Call
from local_aws.databases.aurora import MYSQL, has_database
from local_aws.databases.background import work_on
from local_aws.databases.global_databases import global_cluster_of
from local_aws.errors import AwsError
from local_aws.operations.rds import page
from local_aws.operations.rds_global import cluster_named
from local_aws.registry import Output, installs, operation, patch


@installs
def show_how_far_clusters_go_back() -> None:
    """moto knows no earliest time of a backtrack."""
    patch(DBCluster, earliest_backtrack_time=property(_earliest))


@operation("rds", "BacktrackDBCluster")
def backtrack(call: Call) -> Output:
    """All of the cluster goes back to the moment; its clients are cut off, and it is `backtracking` until it is done.

    Aurora takes the nearest consistent time, and here it is within the moment's second.
    """
    given = call.params
    cluster = cluster_named(call, given["DBClusterIdentifier"])
    _refuse_if_impossible(cluster)
    moment, earliest = given["BacktrackTo"], _earliest(cluster)
    if moment > utcnow():
        raise AwsError("InvalidParameterValue", f"The backtrack time {moment.isoformat()}Z is in the future.")
    if earliest and moment < earliest:
        if not given.get("UseEarliestTimeOnPointInTimeUnavailable"):
            raise AwsError(
                "InvalidParameterValue",
                f"The backtrack time {moment.isoformat()}Z is before the earliest backtrack time of the DB cluster, "
                f"{earliest.isoformat()}Z.",
            )
        moment = earliest
    made = {
        "DBClusterIdentifier": cluster.db_cluster_identifier,
        "BacktrackIdentifier": str(uuid4()),
        "BacktrackTo": moment,
        "BacktrackedFrom": utcnow(),
        "BacktrackRequestCreationTime": utcnow(),
        "Status": "applying",
    }
    _backtracks(cluster).append(made)

    def ended(succeeded: bool) -> None:
        made["Status"] = "completed" if succeeded else "failed"

    work_on(cluster, "backtracking", partial(_rewind, cluster, moment), ended)
    return made


@operation("rds", "DescribeDBClusterBacktracks")
def describe_backtracks(call: Call) -> Output:
    """A cluster's, the newest first; those with an id or in a state, if the call says so."""
    given = call.params
    cluster = cluster_named(call, given["DBClusterIdentifier"])
    found = list(reversed(_backtracks(cluster)))
    if "BacktrackIdentifier" in given:
        found = [one for one in found if one["BacktrackIdentifier"] == given["BacktrackIdentifier"]]
        if not found:
            text = f"Backtrack identifier {given['BacktrackIdentifier']} not found."
            raise AwsError("DBClusterBacktrackNotFoundFault", text, 404)
    names = {"db-cluster-backtrack-id": "BacktrackIdentifier", "db-cluster-backtrack-status": "Status"}
    for wanted in given.get("Filters") or []:
        found = [one for one in found if one[names[wanted["Name"]]] in wanted["Values"]]
    return page(call, "DBClusterBacktracks", found)


def _refuse_if_impossible(cluster: Any) -> None:
    if cluster.engine != MYSQL:
        raise AwsError("InvalidParameterCombination", f"Backtrack is not enabled for the {cluster.engine} engine.")
    if global_cluster_of(cluster):
        text = "Backtrack is not supported for a DB cluster that is part of a global database."
        raise AwsError("InvalidParameterCombination", text)
    if not cluster.backtrack_window:
        text = f"Backtrack is not enabled for DB cluster {cluster.db_cluster_identifier}."
        raise AwsError("InvalidDBClusterStateFault", text)
    if cluster.status != "available" or not cluster.members:
        text = f"DB cluster {cluster.db_cluster_identifier} is not in available state."
        raise AwsError("InvalidDBClusterStateFault", text)


def _rewind(cluster: Any, moment: datetime) -> None:
    if has_database(cluster):
        databases.running().rewind(cluster, moment.replace(tzinfo=UTC))


def _backtracks(cluster: Any) -> list[Output]:
    found: list[Output] = vars(cluster).setdefault("local_backtracks", [])
    return found


def _earliest(cluster: Any) -> datetime | None:
    """How far a cluster can go back now; None if it cannot."""
    if not cluster.backtrack_window:
        return None
    created: datetime = cluster.created
    return max(created, utcnow() - timedelta(seconds=int(cluster.backtrack_window)))
