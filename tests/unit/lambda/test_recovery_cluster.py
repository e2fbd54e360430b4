"""The writer of a cluster: examined, moved once, and waited for until it takes writes."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from recovery.cluster import Cluster, NoReaderError, WriterNotReadyError

ARN = "arn:aws:rds:eu-west-1:123456789012:cluster:payment-test"


class Rds:
    """A cluster of RDS. A failover makes the first reader the writer."""

    def __init__(self, writer: str | None = "one", readers: tuple[str, ...] = ("two", "three")) -> None:
        self.status = "available"
        self.writer = writer
        self.readers = list(readers)
        self.failovers = 0
        self.refuses = ""

    def describe_db_clusters(self, **request: Any) -> dict[str, Any]:
        assert request == {"DBClusterIdentifier": "payment-test"}
        members = {**({self.writer: True} if self.writer else {}), **dict.fromkeys(self.readers, False)}
        cluster = {
            "DBClusterArn": ARN,
            "Status": self.status,
            "DBClusterMembers": [
                {"DBInstanceIdentifier": name, "IsClusterWriter": writes} for name, writes in members.items()
            ],
        }
        return {"DBClusters": [cluster]}

    def failover_db_cluster(self, **request: Any) -> None:
        assert request == {"DBClusterIdentifier": "payment-test"}
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses, "Message": "no"}}, "FailoverDBCluster")
        self.failovers += 1
        assert self.writer
        self.readers.append(self.writer)
        self.writer = self.readers.pop(0)


def cluster_of(rds: Rds, *, takes_writes: bool = True) -> Cluster:
    return Cluster(rds=rds, cluster_id="payment-test", takes_writes=lambda: takes_writes)


@pytest.mark.parametrize("answers", [True, False])
def test_examination_tells_who_writes_and_whether_it_does(answers: bool) -> None:
    assert cluster_of(Rds(), takes_writes=answers).examine() == {
        "status": "available",
        "writer": "one",
        "readers": ["three", "two"],
        "writer_answers": answers,
    }
    assert cluster_of(Rds(writer=None)).examine()["writer"] is None


def test_writer_is_moved_once_however_often_that_is_asked_for() -> None:
    rds = Rds()
    cluster = cluster_of(rds)
    assert cluster.fail_over("one") == {"requested": True, "status": "available", "writer": "one"}
    assert cluster.fail_over("one") == {"requested": False, "status": "available", "writer": "two"}
    assert rds.failovers == 1


def test_cluster_that_is_failing_over_is_left_alone() -> None:
    rds = Rds()
    rds.status = "failing-over"
    assert cluster_of(rds).fail_over("one")["requested"] is False
    assert rds.failovers == 0


def test_cluster_that_changes_otherwise_is_asked_and_may_refuse() -> None:
    rds = Rds()
    rds.status, rds.refuses = "backing-up", "InvalidDBClusterStateFault"
    assert cluster_of(rds).fail_over("one") == {"requested": False, "status": "backing-up", "writer": "one"}
    rds.refuses = ""
    assert cluster_of(rds).fail_over("one")["requested"] is True


@pytest.mark.parametrize(
    ("status", "code"), [("available", "InvalidDBClusterStateFault"), ("backing-up", "AccessDenied")]
)
def test_refusal_without_a_reason_is_raised(status: str, code: str) -> None:
    rds = Rds()
    rds.status, rds.refuses = status, code
    with pytest.raises(ClientError, match=code):
        cluster_of(rds).fail_over("one")


def test_without_a_name_the_present_writer_is_left() -> None:
    rds = Rds()
    assert cluster_of(rds).fail_over(None)["requested"] is True
    assert rds.writer == "two"


def test_sole_instance_has_nobody_to_take_its_place() -> None:
    with pytest.raises(NoReaderError, match="cluster payment-test has no instance but one"):
        cluster_of(Rds(readers=())).fail_over("one")


def test_writer_is_awaited_until_it_is_another_that_takes_writes() -> None:
    rds = Rds()
    with pytest.raises(WriterNotReadyError, match="one is the writer still"):
        cluster_of(rds).await_writer("one")
    rds.failover_db_cluster(DBClusterIdentifier="payment-test")
    with pytest.raises(WriterNotReadyError, match="two takes no writes"):
        cluster_of(rds, takes_writes=False).await_writer("one")
    assert cluster_of(rds).await_writer("one") == {"writer": "two"}
    assert cluster_of(rds).await_writer(None) == {"writer": "two"}
    rds.status = "failing-over"
    with pytest.raises(WriterNotReadyError, match="is failing-over"):
        cluster_of(rds).await_writer("one")
    with pytest.raises(WriterNotReadyError, match="its writer None"):
        cluster_of(Rds(writer=None)).await_writer(None)
