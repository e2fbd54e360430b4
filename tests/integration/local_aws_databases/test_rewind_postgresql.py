"""An Aurora PostgreSQL cluster's data of a moment are restored beside it, from its log or from a snapshot."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_aws_databases.conftest import Aws
from tests.integration.local_aws_databases.postgresql_cluster import (
    MASTER,
    PostgreSqlCluster,
    eventually,
    make_postgresql,
)

APART_SECONDS = 0.05
PASSWORD = "chosen by the user"


@pytest.fixture(scope="module")
def moments() -> dict[str, datetime]:
    """Between writes, by what was written just before."""
    return {}


@pytest.fixture(scope="module")
def cluster(aws: Aws, moments: dict[str, datetime]) -> Iterator[PostgreSqlCluster]:
    """A cluster of two instances that took 1; then the second became the writer, and took 2; then 3 was removed."""
    made = make_postgresql(aws, 2, ManageMasterUserPassword=False, MasterUserPassword=PASSWORD)
    execute(made, "CREATE TABLE entries (number INT PRIMARY KEY)")
    write(made, "INSERT INTO entries VALUES (1), (3)", "first", moments)
    writer = made.writer
    aws.rds.failover_db_cluster(DBClusterIdentifier=made.name, TargetDBInstanceIdentifier=f"{made.name}-1")
    eventually(lambda: made.writer != writer)
    write(made, "INSERT INTO entries VALUES (2)", "second", moments)
    write(made, "DELETE FROM entries WHERE number = 3", "third", moments)
    yield made
    made.delete()


def execute(cluster: PostgreSqlCluster, sql: str) -> list[tuple[Any, ...]]:
    """Executes one statement as the master user, whose password is known."""
    with cluster.connect(password=PASSWORD) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def write(cluster: PostgreSqlCluster, sql: str, name: str, moments: dict[str, datetime]) -> None:
    execute(cluster, sql)
    time.sleep(APART_SECONDS)
    moments[name] = datetime.now(UTC)
    time.sleep(APART_SECONDS)


def numbers(cluster: PostgreSqlCluster) -> set[int]:
    return {row[0] for row in execute(cluster, "SELECT number FROM entries")}


def new_name() -> str:
    return f"restored-{uuid4().hex[:8]}"


def available(aws: Aws, name: str) -> PostgreSqlCluster:
    """A restored cluster, once it is available, with an instance."""
    restored = PostgreSqlCluster(aws, name)
    eventually(lambda: restored.described()["Status"] == "available")
    assert restored.described()["DBClusterMembers"] == []
    restored.add_instance(0)
    return restored


def restore(source: PostgreSqlCluster, moment: datetime | None = None) -> PostgreSqlCluster:
    name = new_name()
    when: dict[str, Any] = {"RestoreToTime": moment} if moment else {"UseLatestRestorableTime": True}
    source.aws.rds.restore_db_cluster_to_point_in_time(
        DBClusterIdentifier=name, SourceDBClusterIdentifier=source.name, **when
    )
    return available(source.aws, name)


@pytest.mark.parametrize(("moment", "found"), [("first", {1, 3}), ("second", {1, 2, 3}), ("third", {1, 2})])
def test_each_moment_can_be_restored_also_before_a_failover(
    cluster: PostgreSqlCluster, moments: dict[str, datetime], moment: str, found: set[int]
) -> None:
    restored = restore(cluster, moments[moment])
    assert numbers(restored) == found
    assert numbers(cluster) == {1, 2}
    restored.delete()


def test_a_restored_cluster_takes_writes_and_goes_back_itself(
    cluster: PostgreSqlCluster, moments: dict[str, datetime]
) -> None:
    restored = restore(cluster, moments["first"])
    write(restored, "INSERT INTO entries VALUES (10)", "tenth", moments)
    execute(restored, "INSERT INTO entries VALUES (11)")
    again = restore(restored, moments["tenth"])
    assert (numbers(again), numbers(restored)) == ({1, 3, 10}, {1, 3, 10, 11})
    latest = restore(again)
    assert numbers(latest) == {1, 3, 10}
    for one in (latest, again, restored):
        one.delete()


def test_a_snapshot_has_the_data_of_its_time_and_outlives_its_cluster(aws: Aws) -> None:
    source = make_postgresql(aws, 1, ManageMasterUserPassword=False, MasterUserPassword=PASSWORD)
    execute(source, "CREATE TABLE entries (number INT PRIMARY KEY)")
    execute(source, "INSERT INTO entries VALUES (1)")
    snapshot = {"DBClusterSnapshotIdentifier": f"{source.name}-snapshot"}
    aws.rds.create_db_cluster_snapshot(DBClusterIdentifier=source.name, **snapshot)
    aws.rds.get_waiter("db_cluster_snapshot_available").wait(**snapshot, WaiterConfig={"Delay": 1})
    execute(source, "INSERT INTO entries VALUES (2)")
    source.delete()
    name = new_name()
    aws.rds.restore_db_cluster_from_snapshot(
        DBClusterIdentifier=name, SnapshotIdentifier=f"{source.name}-snapshot", Engine=source.ENGINE
    )
    restored = available(aws, name)
    assert numbers(restored) == {1}
    assert execute(restored, "SELECT current_user::text") == [(MASTER,)]
    aws.rds.delete_db_cluster_snapshot(**snapshot)
    restored.delete()


def test_a_cluster_is_not_rewound_in_place(cluster: PostgreSqlCluster, moments: dict[str, datetime]) -> None:
    with pytest.raises(ClientError, match="Backtrack is not enabled for the aurora-postgresql engine"):
        cluster.aws.rds.backtrack_db_cluster(DBClusterIdentifier=cluster.name, BacktrackTo=moments["first"])
    assert numbers(cluster) == {1, 2}
