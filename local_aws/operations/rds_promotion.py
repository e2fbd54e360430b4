"""RDS: members of a global database leave it, or become its primary. The work is done after the answer, as in AWS."""

import logging
from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

from local_aws import databases
from local_aws.calls import Call
from local_aws.databases.promotion import change_primary, detach
from local_aws.errors import AwsError
from local_aws.operations.rds_global import cluster_named, described, global_cluster
from local_aws.registry import Output, operation

log = logging.getLogger(__name__)


@operation("rds", "RemoveFromGlobalCluster")
def remove_from_global_cluster(call: Call) -> Output:
    """The cluster is `promoting` until it stands alone. The primary goes last."""
    found = global_cluster(call)
    cluster = _member(call, found, call.params["DbClusterIdentifier"])
    if cluster.is_writer and len(found.members) > 1:
        raise AwsError(
            "InvalidGlobalClusterStateFault",
            "Unable to delete cluster that is a primary member of global cluster while there are other global cluster "
            "members",
        )
    _refuse_unless_available(found)
    cluster.status = "promoting"
    _start(partial(detach, databases.running(), found, cluster), partial(_set_available, cluster))
    return {"GlobalCluster": described(found)}


@operation("rds", "FailoverGlobalCluster", "SwitchoverGlobalCluster")
def change_primary_cluster(call: Call) -> Output:
    """A switchover, unless the call allows data loss.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_FailoverGlobalCluster.html
    """
    found, given = global_cluster(call), call.params
    target = _member(call, found, given["TargetDbClusterIdentifier"])
    data_loss = bool(given.get("AllowDataLoss"))
    if data_loss and given.get("Switchover"):
        text = "AllowDataLoss and Switchover can't both be specified."
        raise AwsError("InvalidParameterCombination", text)
    if target.is_writer:
        raise AwsError("InvalidDBClusterStateFault", f"{target.arn} is the primary cluster already.")
    _refuse_unless_available(found)
    primary = next(member for member in found.members if member.is_writer)
    for cluster in (target,) if data_loss else (target, primary):
        _refuse_unless_running(cluster)
    found.status = "failing-over" if data_loss else "switching-over"
    found.failover_state = {
        "Status": "failing-over",
        "FromDbClusterArn": primary.arn,
        "ToDbClusterArn": target.arn,
        "IsDataLossAllowed": data_loss,
    }
    work = partial(change_primary, databases.running(), found, target, allow_data_loss=data_loss)
    _start(work, partial(_end_failover, found))
    return {"GlobalCluster": described(found)}


def _member(call: Call, found: Any, name: str) -> Any:
    cluster = cluster_named(call, name)
    if not any(member is cluster for member in found.members):
        text = f"DB cluster {name} is not found in global cluster {found.global_cluster_identifier}"
        raise AwsError("InvalidParameterValue", text)
    return cluster


def _refuse_unless_available(found: Any) -> None:
    states = {found.status, *(member._status for member in found.members)}
    if not states <= {"available", "creating"}:
        raise AwsError("InvalidGlobalClusterStateFault", f"Global cluster {found.arn} is in state {found.status}")


def _refuse_unless_running(cluster: Any) -> None:
    if databases.running().is_away(cluster) or not any(one.status == "available" for one in cluster.members):
        raise AwsError("InvalidDBClusterStateFault", f"{cluster.arn} has no available DB instance.")


def _start(work: Callable[[], None], done: Callable[[], None]) -> None:
    def run() -> None:
        try:
            work()
        except Exception:
            log.exception("A member of a global database did not change")
        finally:
            done()

    Thread(target=run, daemon=True, name="global database").start()


def _set_available(cluster: Any) -> None:
    cluster.status = "available"


def _end_failover(found: Any) -> None:
    found.status, found.failover_state = "available", None
