"""A secondary becomes the primary: planned, after a disaster, or on its own. What was acknowledged is there."""

from collections.abc import Iterator
from contextlib import closing

import pymysql
import pytest

from local_aws.server import LocalAwsError
from tests.integration.local_aws_databases.conftest import Aws
from tests.integration.local_aws_databases.global_database import (
    PASSWORD,
    GlobalDatabase,
    Member,
    eventually,
    global_database,
)
from tests.integration.local_aws_databases.load import load


@pytest.fixture(scope="module")
def pair(aws: Aws) -> Iterator[GlobalDatabase]:
    """Two instances in each Region, whose roles change."""
    with global_database(aws, 2) as made:
        yield made


@pytest.fixture
def leaving(aws: Aws) -> Iterator[GlobalDatabase]:
    """A global database for one test, whose secondary leaves it."""
    with global_database(aws) as made:
        yield made


def follows(new: Member, old: Member, number: int) -> None:
    """Asserts that one takes writes, and that all instances of the other repeat them and take none."""
    new.execute(f"INSERT INTO entries VALUES ({number})")
    for instance in (0, 1):
        eventually(lambda instance=instance: old.has(number, old.address(instance)))  # type: ignore[misc]
        with pytest.raises(pymysql.OperationalError, match="1290"):
            old.execute("INSERT INTO entries VALUES (-1)", old.address(instance))
    with pytest.raises(pymysql.OperationalError, match="refused"):
        old.connect()


def test_a_switchover_loses_nothing_and_goes_back(pair: GlobalDatabase) -> None:
    for number in range(1, 4):
        old, new = pair.roles()
        with load(old) as acknowledged:
            pair.switch_to(new)
        assert set(acknowledged) <= new.numbers(new.endpoint)
        follows(new, old, number)
        assert new.numbers() == old.numbers()
        new.execute("DELETE FROM entries")


def test_roles_are_shown_after_a_switchover(pair: GlobalDatabase) -> None:
    endpoint = pair.described()["Endpoint"]
    old, new = pair.roles()
    pair.switch_to(new)
    assert old.described()["ReplicationSourceIdentifier"] == new.arn
    assert "ReplicationSourceIdentifier" not in new.described()
    writers = [[one["IsClusterWriter"] for one in each.described()["DBClusterMembers"]] for each in (new, old)]
    assert [sum(each) for each in writers] == [1, 0]
    found = pair.described()
    assert {one["DBClusterArn"]: one["Readers"] for one in found["GlobalClusterMembers"]} == {
        new.arn: [old.arn],
        old.arn: [],
    }
    assert found["Endpoint"] == endpoint
    assert "FailoverState" not in found
    with closing(new.connect(endpoint)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @@read_only")
        assert cursor.fetchall() == ((0,),)


def test_it_is_shown_while_it_goes_on(pair: GlobalDatabase) -> None:
    old, new = pair.roles()
    names = {"GlobalClusterIdentifier": pair.name, "TargetDbClusterIdentifier": new.arn}
    answer = new.aws.rds.failover_global_cluster(**names, Switchover=True)["GlobalCluster"]
    assert answer["Status"] == "switching-over"
    assert answer["FailoverState"] == {
        "Status": "failing-over",
        "FromDbClusterArn": old.arn,
        "ToDbClusterArn": new.arn,
        "IsDataLossAllowed": False,
    }
    eventually(lambda: pair.described()["Status"] == "available")
    assert pair.writer == new.arn


def test_after_a_disaster_the_secondary_has_all_that_was_acknowledged(pair: GlobalDatabase) -> None:
    old, new = pair.roles()
    server = old.aws.server
    with load(old) as acknowledged:
        server.take_databases_away(old.arn)
    with pytest.raises(pymysql.OperationalError, match="refused"):
        old.connect()
    pair.switch_to(new, data_loss=True)
    assert set(acknowledged) <= new.numbers(new.endpoint)
    new.execute("INSERT INTO entries VALUES (11)")
    for number in (0, 1):
        with pytest.raises(pymysql.OperationalError, match="refused"):
            old.execute("SELECT 1", old.address(number))
    server.bring_databases_back(old.arn)
    follows(new, old, 12)
    assert old.numbers() == new.numbers()
    pair.switch_to(old)
    follows(old, new, 13)
    old.execute("DELETE FROM entries")


def test_a_failover_from_a_primary_that_works_loses_nothing_here(pair: GlobalDatabase) -> None:
    old, new = pair.roles()
    with load(old) as acknowledged:
        pair.switch_to(new, data_loss=True)
    assert set(acknowledged) <= new.numbers(new.endpoint)
    follows(new, old, 21)


def test_a_primary_that_is_away_is_no_case_for_a_switchover(pair: GlobalDatabase) -> None:
    old, new = pair.roles()
    rds = new.aws.rds
    old.aws.server.take_databases_away(old.arn)
    with pytest.raises(rds.exceptions.InvalidDBClusterStateFault):
        rds.switchover_global_cluster(GlobalClusterIdentifier=pair.name, TargetDbClusterIdentifier=new.arn)
    old.aws.rds.reboot_db_instance(DBInstanceIdentifier=f"{old.name}-0")
    with pytest.raises(pymysql.OperationalError, match="refused"):
        old.connect()
    old.aws.server.bring_databases_back(old.arn)
    follows(old, new, 31)


def test_a_secondary_that_is_away_does_not_take_over(pair: GlobalDatabase) -> None:
    old, new = pair.roles()
    rds = new.aws.rds
    new.aws.server.take_databases_away(new.arn)
    with pytest.raises(rds.exceptions.InvalidDBClusterStateFault):
        rds.failover_global_cluster(
            GlobalClusterIdentifier=pair.name, TargetDbClusterIdentifier=new.arn, AllowDataLoss=True
        )
    old.execute("INSERT INTO entries VALUES (41)")
    new.aws.server.bring_databases_back(new.arn)
    follows(old, new, 42)
    assert new.has(41)


def test_a_promoted_cluster_takes_a_new_password(pair: GlobalDatabase) -> None:
    _, new = pair.roles()
    pair.switch_to(new)
    for password in ("another password", PASSWORD):
        new.aws.rds.modify_db_cluster(DBClusterIdentifier=new.name, MasterUserPassword=password, ApplyImmediately=True)
        new.connect(password=password).close()


def test_a_secondary_that_leaves_takes_writes_of_its_own(leaving: GlobalDatabase) -> None:
    primary, secondary = leaving.primary, leaving.secondary
    primary.execute("INSERT INTO entries VALUES (1)")
    leaving.remove(secondary)
    assert "ReplicationSourceIdentifier" not in secondary.described()
    assert [one["DBClusterArn"] for one in leaving.described()["GlobalClusterMembers"]] == [primary.arn]
    secondary.execute("INSERT INTO entries VALUES (2)")
    primary.execute("INSERT INTO entries VALUES (3)")
    assert secondary.numbers(secondary.endpoint) == {0, 1, 2}
    assert primary.numbers(primary.endpoint) == {0, 1, 3}


@pytest.mark.parametrize("way", ["failover", "removal"])
def test_what_had_not_arrived_before_a_disaster_comes_from_storage(leaving: GlobalDatabase, way: str) -> None:
    primary, secondary = leaving.primary, leaving.secondary
    server = primary.aws.server
    server.take_databases_away(secondary.arn)
    with load(primary) as acknowledged:
        server.take_databases_away(primary.arn)
    server.bring_databases_back(secondary.arn)
    assert secondary.numbers(secondary.address(0)) == {0}
    if way == "failover":
        leaving.switch_to(secondary, data_loss=True)
    else:
        leaving.remove(secondary)
    assert set(acknowledged) <= secondary.numbers(secondary.endpoint)
    with pytest.raises(pymysql.OperationalError, match="refused"):
        primary.execute("SELECT 1", primary.address(0))
    server.bring_databases_back(primary.arn)
    eventually(lambda: primary.has(acknowledged[-1]))
    assert set(acknowledged) <= primary.numbers()


def test_only_databases_that_exist_can_be_taken_away(aws: Aws) -> None:
    with pytest.raises(LocalAwsError, match="There is no cluster arn:aws:rds:us-east-1:123456789012:cluster:missing"):
        aws.server.take_databases_away("arn:aws:rds:us-east-1:123456789012:cluster:missing")
