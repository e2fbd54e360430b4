"""Which Region leads, and how the other comes to: also in the middle of a change, and after a cluster was detached."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from recovery.cluster import Cluster
from recovery.global_database import GlobalDatabase, PromotionPendingError

HERE, THERE = "eu-central-1", "eu-west-1"
OWN = f"arn:aws:rds:{HERE}:123456789012:cluster:payment-secondary"
OTHER = f"arn:aws:rds:{THERE}:123456789012:cluster:payment-primary"


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Any")


class Rds:
    """The RDS of both Regions, and a global database in it."""

    def __init__(self) -> None:
        self.status = "available"
        self.own_status = "available"
        self.leader: str | None = OTHER
        self.members = [OWN, OTHER]
        self.failover: dict[str, str] | None = None
        self.refusal: ClientError | None = None
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.gone = False

    def in_region(self, region: str) -> Any:
        return _RegionalRds(self, region)


class _RegionalRds:
    def __init__(self, rds: Rds, region: str) -> None:
        self._rds = rds
        self._region = region

    def describe_global_clusters(self, **request: Any) -> dict[str, Any]:
        assert request == {"GlobalClusterIdentifier": "payment-global"}
        assert self._region == HERE  # The other may be away.
        if self._rds.gone:
            raise refusal("GlobalClusterNotFoundFault")
        if self._rds.refusal:
            raise self._rds.refusal
        members = [{"DBClusterArn": arn, "IsWriter": arn == self._rds.leader} for arn in self._rds.members]
        found = {"Status": self._rds.status, "GlobalClusterMembers": members, "FailoverState": self._rds.failover}
        return {"GlobalClusters": [found]}

    def describe_db_clusters(self, **_request: Any) -> dict[str, Any]:
        return {"DBClusters": [{"DBClusterArn": OWN, "Status": self._rds.own_status, "DBClusterMembers": []}]}

    def failover_global_cluster(self, **request: Any) -> None:
        self._change("failover", request)

    def switchover_global_cluster(self, **request: Any) -> None:
        self._change("switchover", request)

    def _change(self, what: str, request: dict[str, Any]) -> None:
        if self._rds.refusal:
            raise self._rds.refusal
        self._rds.asked.append((what, self._region, request))


class CloudWatch:
    """Measures of the lag in milliseconds; None where nobody answers."""

    def __init__(self, values: list[float] | None) -> None:
        self._values = values

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        if self._values is None:
            raise EndpointConnectionError(endpoint_url="https://monitoring.eu-central-1.amazonaws.com")
        (query,) = request["MetricDataQueries"]
        assert query["MetricStat"]["Metric"]["Dimensions"] == [
            {"Name": "DBClusterIdentifier", "Value": "payment-secondary"}
        ]
        return {"MetricDataResults": [{"Values": self._values}]}


def database_of(rds: Rds, *, takes_writes: bool = True, lag: list[float] | None = None) -> GlobalDatabase:
    cluster = Cluster(rds=rds.in_region(HERE), cluster_id="payment-secondary", takes_writes=lambda: takes_writes)
    return GlobalDatabase(
        rds_in=rds.in_region,
        cloudwatch=CloudWatch(lag),
        region=HERE,
        global_cluster_id="payment-global",
        cluster=cluster,
    )


@pytest.fixture
def rds() -> Rds:
    return Rds()


NAMES = {"GlobalClusterIdentifier": "payment-global", "TargetDbClusterIdentifier": OWN}


def test_switchover_is_asked_for_where_the_leader_is_and_failover_here(rds: Rds) -> None:
    database = database_of(rds)
    assert database.leading_region() == THERE
    assert database.promote(allow_data_loss=False) == {"requested": True}
    assert database.promote(allow_data_loss=True) == {"requested": True}
    assert rds.asked == [("switchover", THERE, NAMES), ("failover", HERE, {**NAMES, "AllowDataLoss": True})]


def test_switchover_of_a_database_that_nobody_leads_is_asked_for_here(rds: Rds) -> None:
    rds.leader = None
    assert database_of(rds).leading_region() is None
    database_of(rds).promote(allow_data_loss=False)
    assert rds.asked == [("switchover", HERE, NAMES)]


@pytest.mark.parametrize("loss", [True, False])
def test_what_leads_or_is_about_to_is_not_promoted_again(rds: Rds, loss: bool) -> None:
    rds.failover = {"ToDbClusterArn": OWN}
    assert database_of(rds).promote(allow_data_loss=loss) == {"requested": False}
    rds.failover, rds.leader = None, OWN
    assert database_of(rds).promote(allow_data_loss=loss) == {"requested": False}
    assert rds.asked == []


def test_change_to_another_is_waited_for(rds: Rds) -> None:
    rds.failover, rds.status = {"ToDbClusterArn": OTHER}, "failing-over"
    database = database_of(rds)
    real = rds.in_region

    def busy(region: str) -> Any:
        client = real(region)
        client.switchover_global_cluster = _raise
        return client

    def _raise(**_request: Any) -> None:
        raise refusal("InvalidGlobalClusterStateFault")

    rds.in_region = busy  # type: ignore[method-assign]
    with pytest.raises(PromotionPendingError, match="global cluster payment-global is failing-over"):
        database_of(rds).promote(allow_data_loss=False)
    with pytest.raises(PromotionPendingError, match=f"the leader is {OTHER}"):
        database.require_leadership()


def test_other_refusals_are_raised(rds: Rds) -> None:
    rds.refusal = refusal("AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        database_of(rds).leading_region()


def test_refused_promotion_is_raised(rds: Rds, monkeypatch: pytest.MonkeyPatch) -> None:
    def no(*_arguments: Any, **_request: Any) -> None:
        raise refusal("InvalidDBClusterStateFault")

    monkeypatch.setattr(_RegionalRds, "switchover_global_cluster", no)
    with pytest.raises(ClientError, match="InvalidDBClusterStateFault"):
        database_of(rds).promote(allow_data_loss=False)


def test_leadership_counts_once_all_is_available_and_the_writer_takes_writes(rds: Rds) -> None:
    rds.leader = OWN
    rds.status = "failing-over"
    with pytest.raises(PromotionPendingError, match="the cluster is available, the global one failing-over"):
        database_of(rds).require_leadership()
    rds.status, rds.own_status = "available", "modifying"
    with pytest.raises(PromotionPendingError, match="the cluster is modifying"):
        database_of(rds).require_leadership()
    rds.own_status = "available"
    with pytest.raises(PromotionPendingError, match="takes no writes yet"):
        database_of(rds, takes_writes=False).require_leadership()
    assert database_of(rds).require_leadership() == {"primary": HERE}


@pytest.mark.parametrize("gone", [True, False])
def test_cluster_that_was_detached_leads_itself(rds: Rds, gone: bool) -> None:
    """Also where the rest of the global database is in a state of its own, or is no more."""
    rds.members, rds.status, rds.gone, rds.own_status = [OTHER], "deleting", gone, "promoting"
    database = database_of(rds)
    assert database.leading_region() == HERE
    assert database.promote(allow_data_loss=True) == {"requested": False}
    with pytest.raises(PromotionPendingError, match="the cluster is promoting"):
        database.require_leadership()
    rds.own_status = "available"
    assert database.require_leadership() == {"primary": HERE}


@pytest.mark.parametrize(("measured", "seconds"), [([120.0, 1500.0], 1.5), ([], None), (None, None)])
def test_lag_is_the_most_of_the_last_minutes_where_it_is_known(
    rds: Rds, measured: list[float] | None, seconds: float | None
) -> None:
    assert database_of(rds, lag=measured).lag_seconds() == seconds
