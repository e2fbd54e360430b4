"""An Aurora MySQL cluster's data go back to a moment, in place or beside it, and a lost writer is replaced."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pymysql
import pytest
from botocore.exceptions import ClientError

from tests.integration.local_aws_databases.conftest import Cluster, MakeCluster
from tests.integration.local_aws_databases.load import load

SECONDS = 60
NUMBERS = "SELECT number FROM entries ORDER BY 1"


def eventually(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def moment() -> datetime:
    """A moment that no other transaction is within a second of."""
    time.sleep(1.1)
    found = datetime.now(UTC)
    time.sleep(1.1)
    return found


@pytest.fixture(scope="module")
def ledger(make_cluster: MakeCluster) -> Iterator[Cluster]:
    """A cluster of two instances that can be rewound, with a table and a user of the application."""
    made = make_cluster(2, BacktrackWindow=3600, Tags=[{"Key": "purpose", "Value": "ledger"}])
    made.execute("CREATE TABLE entries (number INT PRIMARY KEY)")
    made.execute("CREATE USER app@'%' IDENTIFIED BY 'a long password' REQUIRE SSL")
    made.execute("GRANT SELECT, INSERT ON payments.* TO app@'%'")
    yield made
    made.delete()


def add(cluster: Cluster, number: int) -> None:
    with closing(cluster.connect(user="app", password="a long password")) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO entries VALUES (%s)", (number,))


def numbers(cluster: Cluster, host: str | None = None) -> list[int]:
    with closing(cluster.connect(host, user="app", password="a long password")) as connection:
        cursor = connection.cursor()
        cursor.execute(NUMBERS)
        return [number for (number,) in cursor.fetchall()]


def answers(cluster: Cluster, host: str) -> bool:
    with suppress(pymysql.MySQLError):
        return bool(numbers(cluster, host)) or True
    return False


def backtrack(cluster: Cluster, to: datetime) -> dict[str, Any]:
    """Rewinds it, waits until that has come to its end, and returns how it is described then."""
    rds = cluster.aws.rds
    made = rds.backtrack_db_cluster(DBClusterIdentifier=cluster.name, BacktrackTo=to)
    assert made["Status"] == "applying"
    assert cluster.described()["Status"] == "backtracking"
    eventually(lambda: cluster.described()["Status"] == "available")
    asked = {"DBClusterIdentifier": cluster.name, "BacktrackIdentifier": made["BacktrackIdentifier"]}
    (found,) = rds.describe_db_cluster_backtracks(**asked)["DBClusterBacktracks"]
    return dict(found)


def available(cluster: Cluster) -> bool:
    return bool(cluster.described()["Status"] == "available")


def refusal(call: Callable[..., object], **parameters: object) -> str:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return str(error.value.response["Error"]["Code"])


def test_a_cluster_goes_back_and_forward_again_with_all_its_instances(ledger: Cluster) -> None:
    add(ledger, 1)
    early = moment()
    add(ledger, 2)
    late = moment()
    add(ledger, 3)
    endpoint, connection = ledger.endpoint, ledger.connect()
    assert backtrack(ledger, early)["Status"] == "completed"
    with pytest.raises(pymysql.MySQLError):
        connection.ping(reconnect=False)
    assert numbers(ledger) == numbers(ledger, ledger.described()["ReaderEndpoint"]) == [1]
    add(ledger, 4)
    assert backtrack(ledger, late)["Status"] == "completed"
    assert ledger.endpoint == endpoint
    assert numbers(ledger) == numbers(ledger, ledger.described()["ReaderEndpoint"]) == [1, 2]
    with pytest.raises(pymysql.OperationalError, match="1045"):
        ledger.connect(user="app", password="a long password", ssl=None, ssl_disabled=True)
    assert ledger.execute(NUMBERS) == [(1,), (2,)]


def test_a_backtrack_that_cannot_be_is_refused(ledger: Cluster, make_cluster: MakeCluster) -> None:
    rds, created = ledger.aws.rds, ledger.described()["ClusterCreateTime"]
    assert created <= ledger.described()["EarliestBacktrackTime"] <= datetime.now(UTC)
    ask = {"DBClusterIdentifier": ledger.name, "BacktrackTo": datetime.now(UTC) + timedelta(minutes=1)}
    assert refusal(rds.backtrack_db_cluster, **ask) == "InvalidParameterValue"
    ask["BacktrackTo"] = created - timedelta(minutes=1)
    assert refusal(rds.backtrack_db_cluster, **ask) == "InvalidParameterValue"
    assert refusal(rds.backtrack_db_cluster, **ask | {"DBClusterIdentifier": "none"}) == "DBClusterNotFoundFault"
    other = make_cluster(0)
    assert "EarliestBacktrackTime" not in other.described()
    ask |= {"DBClusterIdentifier": other.name}
    assert refusal(rds.backtrack_db_cluster, **ask) == "InvalidDBClusterStateFault"
    unknown = {"DBClusterIdentifier": other.name, "BacktrackIdentifier": "none"}
    assert refusal(rds.describe_db_cluster_backtracks, **unknown) == "DBClusterBacktrackNotFoundFault"
    other.delete()


def test_a_cluster_is_restored_beside_and_takes_the_others_name(ledger: Cluster) -> None:
    rds, before = ledger.aws.rds, numbers(ledger)
    then = moment()
    add(ledger, 50)
    restored, aside = Cluster(ledger.aws, f"{ledger.name}-restored"), Cluster(ledger.aws, f"{ledger.name}-before")
    ask = {"DBClusterIdentifier": restored.name, "SourceDBClusterIdentifier": ledger.name}
    assert refusal(rds.restore_db_cluster_to_point_in_time, **ask) == "InvalidParameterCombination"
    late = {"RestoreToTime": then + timedelta(minutes=1)}
    assert refusal(rds.restore_db_cluster_to_point_in_time, **ask, **late) == "InvalidParameterValue"
    rds.restore_db_cluster_to_point_in_time(**ask, RestoreToTime=then, BacktrackWindow=3600)
    assert refusal(rds.restore_db_cluster_to_point_in_time, **ask, RestoreToTime=then) == "DBClusterAlreadyExistsFault"
    eventually(partial(available, restored))
    assert restored.described()["DBClusterMembers"] == []
    restored.add_instance(0)
    assert "MasterUserSecret" not in restored.described()
    rds.modify_db_cluster(DBClusterIdentifier=restored.name, ManageMasterUserPassword=True, ApplyImmediately=True)
    assert restored.secret() != ledger.secret()
    assert [(number,) for number in before] == restored.execute(NUMBERS)
    endpoint, arn = ledger.endpoint, ledger.described()["DBClusterArn"]
    for old, new in ((ledger, aside), (restored, ledger)):
        asked = {"DBClusterIdentifier": old.name, "NewDBClusterIdentifier": new.name}
        renamed = rds.modify_db_cluster(**asked, ApplyImmediately=True)["DBCluster"]
        assert (renamed["DBClusterIdentifier"], renamed["Engine"]) == (new.name, ledger.ENGINE)
        eventually(partial(available, new))
    assert refusal(rds.describe_db_clusters, DBClusterIdentifier=restored.name) == "DBClusterNotFoundFault"
    assert (ledger.endpoint, ledger.described()["DBClusterArn"]) == (endpoint, arn)
    assert numbers(ledger) == before
    assert numbers(aside) == [*before, 50] == numbers(aside, aside.described()["ReaderEndpoint"])
    assert aside.described()["TagList"] == [{"Key": "purpose", "Value": "ledger"}]
    assert aside.described()["DBClusterArn"].endswith(f":{aside.name}")
    add(ledger, 51)
    aside.delete()


def test_an_instance_keeps_its_data_under_another_name(ledger: Cluster) -> None:
    old, before = ledger.writer, numbers(ledger)
    address = ledger.instance(old)["Endpoint"]["Address"]
    asked = {"DBInstanceIdentifier": old, "NewDBInstanceIdentifier": f"{ledger.name}-new"}
    assert refusal(ledger.aws.rds.modify_db_instance, **asked) == "LocalAwsNotImplemented"
    ledger.aws.rds.modify_db_instance(**asked, ApplyImmediately=True)
    assert ledger.instance(f"{ledger.name}-new")["DBInstanceStatus"] == "renaming"
    eventually(lambda: ledger.instance(f"{ledger.name}-new")["DBInstanceStatus"] == "available")
    assert ledger.writer == f"{ledger.name}-new"
    assert numbers(ledger) == numbers(ledger, ledger.instance(ledger.writer)["Endpoint"]["Address"]) == before
    assert not answers(ledger, address)


def test_a_snapshot_outlives_what_is_done_to_its_cluster(ledger: Cluster) -> None:
    rds, before, name = ledger.aws.rds, numbers(ledger), f"{ledger.name}-snapshot"
    asked = {"DBClusterSnapshotIdentifier": name}
    made = rds.create_db_cluster_snapshot(**asked, DBClusterIdentifier=ledger.name)["DBClusterSnapshot"]
    assert made["Status"] == "creating"
    assert made["DBClusterSnapshotArn"].endswith(f":cluster-snapshot:{name}")
    eventually(lambda: rds.describe_db_cluster_snapshots(**asked)["DBClusterSnapshots"][0]["Status"] == "available")
    add(ledger, 80)
    rds.copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier=name, TargetDBClusterSnapshotIdentifier=f"{name}-copy"
    )
    rds.delete_db_cluster_snapshot(**asked)
    restored = Cluster(ledger.aws, f"{ledger.name}-snapped")
    asked = {"DBClusterIdentifier": restored.name, "Engine": ledger.ENGINE}
    restore = rds.restore_db_cluster_from_snapshot
    assert refusal(restore, **asked, SnapshotIdentifier=name) == "DBClusterSnapshotNotFoundFault"
    restore(**asked, SnapshotIdentifier=f"{name}-copy")
    eventually(partial(available, restored))
    restored.add_instance(0)
    assert numbers(restored) == before
    add(restored, 81)
    rds.delete_db_instance(DBInstanceIdentifier=restored.writer)
    rds.delete_db_cluster(DBClusterIdentifier=restored.name, FinalDBSnapshotIdentifier=f"{name}-final")
    restore(**asked, SnapshotIdentifier=f"{name}-final")
    eventually(partial(available, restored))
    restored.add_instance(0)
    assert numbers(restored) == [*before, 81]
    restored.delete()
    for kept in ("copy", "final"):
        rds.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=f"{name}-{kept}")


def test_a_reader_takes_the_place_of_a_lost_writer(ledger: Cluster) -> None:
    lost, reader = ledger.writer, ledger.add_instance(1)
    address = ledger.instance(lost)["Endpoint"]["Address"]
    with load(ledger) as acknowledged:
        ledger.aws.server.lose_instance(ledger.instance(lost)["DBInstanceArn"])
        assert ledger.instance(lost)["DBInstanceStatus"] == "rebooting"
        eventually(lambda: ledger.writer == reader)
        seen = len(acknowledged)
        eventually(lambda: len(acknowledged) > seen)
    assert not answers(ledger, address)
    ledger.aws.server.bring_instance_back(ledger.instance(lost)["DBInstanceArn"])
    assert ledger.writer == reader
    assert ledger.instance(lost)["DBInstanceStatus"] == "available"
    assert set(acknowledged) <= set(numbers(ledger)) == set(numbers(ledger, address))
