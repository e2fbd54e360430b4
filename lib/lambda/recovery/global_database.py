"""The database of two Regions: which of their clusters leads, and how this Region's comes to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from payments.observability import logger
from recovery.cluster import AVAILABLE, Cluster
from recovery.inputs import Answer

# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
LAG = "AuroraGlobalDBReplicationLag"
LAG_SPAN = timedelta(minutes=5)


class PromotionPendingError(Exception):
    """This Region's cluster does not lead yet."""


@dataclass(frozen=True, kw_only=True)
class GlobalState:
    """Clusters by their ARNs. `changing_to` is the one that is to lead, while that changes."""

    status: str
    leader: str | None
    members: frozenset[str]
    changing_to: str | None


class GlobalDatabase:
    """The global cluster, seen from this Region and by its API: the other Region may be away.

    A cluster that was detached, or whose global cluster is gone, stands alone and leads itself.
    """

    def __init__(
        self, *, rds_in: Callable[[str], Any], cloudwatch: Any, region: str, global_cluster_id: str, cluster: Cluster
    ) -> None:
        self._rds_in = rds_in
        self._cloudwatch = cloudwatch
        self._region = region
        self._id = global_cluster_id
        self._cluster = cluster

    def leading_region(self) -> str | None:
        """Where the ledger is written; None while nothing leads."""
        leader = self._leader(self._state(), self._cluster.state().arn)
        return _region_of(leader) if leader else None

    def lag_seconds(self) -> float | None:
        """The most that this Region's cluster was behind in the last minutes; None where nobody has measured it."""
        now = datetime.now(UTC)
        dimension = {"Name": "DBClusterIdentifier", "Value": self._cluster.id}
        metric = {"Namespace": "AWS/RDS", "MetricName": LAG, "Dimensions": [dimension]}
        query = {"Id": "lag", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}
        try:
            (found,) = self._cloudwatch.get_metric_data(
                MetricDataQueries=[query], StartTime=now - LAG_SPAN, EndTime=now
            )["MetricDataResults"]
        except (BotoCoreError, ClientError) as error:
            logger.warning("the lag is not known", error=type(error).__name__)
            return None
        return max(found["Values"]) / 1000 if found["Values"] else None

    def promote(self, *, allow_data_loss: bool) -> Answer:
        """Asks for this Region's cluster to lead, unless it does or is about to.

        A switchover is asked for where the leader is; a failover here, since the other Region may be away.
        Raises `PromotionPendingError` while something else changes.
        """
        state, arn = self._state(), self._cluster.state().arn
        if self._leader(state, arn) == arn or (state and state.changing_to == arn):
            return {"requested": False}
        assert state is not None  # Without a global cluster this one leads.
        names = {"GlobalClusterIdentifier": self._id, "TargetDbClusterIdentifier": arn}
        try:
            if allow_data_loss:
                self._rds_in(self._region).failover_global_cluster(**names, AllowDataLoss=True)
            else:
                leads_in = _region_of(state.leader) if state.leader else self._region
                self._rds_in(leads_in).switchover_global_cluster(**names)
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidGlobalClusterStateFault":
                raise
            raise PromotionPendingError(f"global cluster {self._id} is {state.status}") from error
        return {"requested": True}

    def require_leadership(self) -> Answer:
        """Returns once this Region's cluster leads and takes writes. Raises `PromotionPendingError`."""
        state, own = self._state(), self._cluster.state()
        if self._leader(state, own.arn) != own.arn:
            raise PromotionPendingError(f"the leader is {state.leader if state else None}")
        if own.status != AVAILABLE or (state and own.arn in state.members and state.status != AVAILABLE):
            raise PromotionPendingError(f"the cluster is {own.status}, the global one {state and state.status}")
        if not self._cluster.takes_writes():
            raise PromotionPendingError("the cluster takes no writes yet")
        return {"primary": self._region}

    def _leader(self, state: GlobalState | None, arn: str) -> str | None:
        return arn if state is None or arn not in state.members else state.leader

    def _state(self) -> GlobalState | None:
        """None where there is no global cluster."""
        rds = self._rds_in(self._region)
        try:
            (found,) = rds.describe_global_clusters(GlobalClusterIdentifier=self._id)["GlobalClusters"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "GlobalClusterNotFoundFault":
                raise
            return None
        members = found["GlobalClusterMembers"]
        leaders = [one["DBClusterArn"] for one in members if one["IsWriter"]]
        return GlobalState(
            status=found["Status"],
            leader=leaders[0] if leaders else None,
            members=frozenset(one["DBClusterArn"] for one in members),
            changing_to=(found.get("FailoverState") or {}).get("ToDbClusterArn"),
        )


def _region_of(arn: str) -> str:
    return arn.split(":")[3]
