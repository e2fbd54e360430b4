"""The ledger's cluster in this Region: who writes, and how another of its instances comes to do it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from payments.observability import logger
from recovery.inputs import Answer

AVAILABLE, FAILING_OVER = "available", "failing-over"


class WriterNotReadyError(Exception):
    """The cluster's writer does not take writes yet, or it is still the one that was lost."""


class NoReaderError(Exception):
    """The cluster has no other instance that could become the writer."""


@dataclass(frozen=True, kw_only=True)
class ClusterState:
    """Instances by their ids; a cluster without instances, or one that only repeats another, may have no writer."""

    arn: str
    status: str
    writer: str | None
    readers: list[str]


class Cluster:
    """`takes_writes` asks the writer itself. Methods raise botocore's errors."""

    def __init__(self, *, rds: Any, cluster_id: str, takes_writes: Callable[[], bool]) -> None:
        self._rds = rds
        self.id = cluster_id
        self.takes_writes = takes_writes

    def state(self) -> ClusterState:
        """As RDS says it."""
        found = self._rds.describe_db_clusters(DBClusterIdentifier=self.id)["DBClusters"][0]
        members = {one["DBInstanceIdentifier"]: one["IsClusterWriter"] for one in found["DBClusterMembers"]}
        writers = [name for name, writes in members.items() if writes]
        return ClusterState(
            arn=found["DBClusterArn"],
            status=found["Status"],
            writer=writers[0] if writers else None,
            readers=sorted(name for name, writes in members.items() if not writes),
        )

    def examine(self) -> Answer:
        state = self.state()
        return {
            "status": state.status,
            "writer": state.writer,
            "readers": state.readers,
            "writer_answers": self.takes_writes(),
        }

    def fail_over(self, from_writer: str | None) -> Answer:
        """Makes a reader the writer, unless that was done or is being done. Raises `NoReaderError`.

        While something else changes, RDS may refuse it: Aurora then does it by itself, if the writer is lost.
        """
        state = self.state()
        done = state.status == FAILING_OVER or bool(from_writer and state.writer != from_writer)
        if not done and not state.readers:
            raise NoReaderError(f"cluster {self.id} has no instance but {state.writer}")
        return {"requested": not done and self._request(state), "status": state.status, "writer": state.writer}

    def _request(self, state: ClusterState) -> bool:
        """Whether RDS takes it."""
        try:
            self._rds.failover_db_cluster(DBClusterIdentifier=self.id)
        except ClientError as error:
            if state.status == AVAILABLE or error.response["Error"]["Code"] != "InvalidDBClusterStateFault":
                raise
            logger.warning("the cluster is changing", cluster=self.id, status=state.status)
            return False
        return True

    def await_writer(self, from_writer: str | None) -> Answer:
        """The writer that takes writes now. Raises `WriterNotReadyError`."""
        state = self.state()
        if state.status != AVAILABLE or state.writer is None:
            raise WriterNotReadyError(f"cluster {self.id} is {state.status}, its writer {state.writer}")
        if from_writer and state.writer == from_writer:
            raise WriterNotReadyError(f"{from_writer} is the writer still")
        if not self.takes_writes():
            raise WriterNotReadyError(f"{state.writer} takes no writes")
        return {"writer": state.writer}
