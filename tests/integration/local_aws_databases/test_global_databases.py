"""A global database: the secondary Region's instances really repeat what the primary commits, and take no writes."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing, suppress

import pymysql
import pytest

from tests.integration.local_aws_databases.conftest import Aws
from tests.integration.local_aws_databases.global_database import (
    ENGINE,
    PASSWORD,
    GlobalDatabase,
    eventually,
    global_database,
)


@pytest.fixture(scope="module")
def pair(aws: Aws) -> Iterator[GlobalDatabase]:
    """Two instances in each Region."""
    with global_database(aws, 2) as made:
        yield made


def arrives(pair: GlobalDatabase, number: int, host: str | None = None) -> None:
    """Writes a number in the primary Region and waits until it is in the secondary one."""

    def written() -> bool:
        with suppress(pymysql.MySQLError):
            pair.primary.execute(f"REPLACE INTO entries VALUES ({number})")
            return True
        return False

    eventually(written)
    eventually(lambda: number in pair.secondary.numbers(host))


def test_it_looks_the_same_from_all_regions(pair: GlobalDatabase) -> None:
    found = pair.described()
    assert found == pair.described(pair.secondary.aws)
    assert (found["Status"], found["DatabaseName"], found["Engine"]) == ("available", "payments", "aurora-mysql")
    assert found["GlobalClusterMembers"] == [
        {"DBClusterArn": pair.primary.arn, "Readers": [pair.secondary.arn], "IsWriter": True},
        {
            "DBClusterArn": pair.secondary.arn,
            "Readers": [],
            "IsWriter": False,
            "GlobalWriteForwardingStatus": "disabled",
            "SynchronizationStatus": "connected",
        },
    ]


def test_a_secondary_names_its_primary_and_has_readers_only(pair: GlobalDatabase) -> None:
    found = pair.secondary.described()
    assert found["ReplicationSourceIdentifier"] == pair.primary.arn
    assert (found["MasterUsername"], found["GlobalClusterIdentifier"]) == ("admin", pair.name)
    assert [member["IsClusterWriter"] for member in found["DBClusterMembers"]] == [False, False]
    assert "ReplicationSourceIdentifier" not in pair.primary.described()


def test_members_are_found_by_filter(pair: GlobalDatabase) -> None:
    rds = pair.secondary.aws.rds
    filters = [{"Name": "db-cluster-id", "Values": [pair.secondary.arn]}]
    assert [
        found["GlobalClusterIdentifier"] for found in rds.describe_global_clusters(Filters=filters)["GlobalClusters"]
    ]
    filters[0]["Values"] = ["another"]
    assert rds.describe_global_clusters(Filters=filters)["GlobalClusters"] == []


def test_what_is_written_arrives_at_all_instances_of_the_other_region(pair: GlobalDatabase) -> None:
    for number in (0, 1):
        arrives(pair, 100 + number, pair.secondary.address(number))


def test_a_secondary_takes_no_writes(pair: GlobalDatabase) -> None:
    for host in (pair.secondary.reader_endpoint, pair.secondary.address(0), pair.secondary.address(1)):
        with pytest.raises(pymysql.OperationalError, match="1290"):
            pair.secondary.execute("INSERT INTO entries VALUES (200)", host)


def test_the_writer_endpoint_of_a_secondary_leads_nowhere(pair: GlobalDatabase) -> None:
    with pytest.raises(pymysql.OperationalError, match="refused"):
        pair.secondary.connect()


def test_the_global_endpoint_leads_to_the_primary(pair: GlobalDatabase) -> None:
    with closing(pair.primary.connect(pair.described()["Endpoint"])) as connection, connection.cursor() as cursor:
        cursor.execute("REPLACE INTO entries VALUES (300)")
    assert 300 in pair.primary.numbers(pair.primary.endpoint)


def test_users_log_in_with_the_same_password(pair: GlobalDatabase) -> None:
    pair.primary.execute("CREATE USER app@'%' IDENTIFIED BY 'a long password' REQUIRE SSL")
    pair.primary.execute("GRANT SELECT, INSERT ON payments.* TO app@'%'")
    arrives(pair, 400, pair.secondary.address(0))
    with closing(
        pair.secondary.connect(pair.secondary.address(0), user="app", password="a long password")
    ) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT CURRENT_USER()")
        assert cursor.fetchall() == (("app@%",),)
        with pytest.raises(pymysql.OperationalError, match="1290"):
            cursor.execute("INSERT INTO entries VALUES (401)")


def test_a_new_master_password_arrives(pair: GlobalDatabase) -> None:
    def logs_in(password: str) -> bool:
        with suppress(pymysql.OperationalError):
            pair.secondary.connect(pair.secondary.reader_endpoint, password=password).close()
            return True
        return False

    for password in ("another password", PASSWORD):
        pair.primary.aws.rds.modify_db_cluster(
            DBClusterIdentifier=pair.primary.name, MasterUserPassword=password, ApplyImmediately=True
        )
        eventually(lambda password=password: logs_in(password))  # type: ignore[misc]


def test_a_secondary_follows_the_primary_through_its_faults(pair: GlobalDatabase) -> None:
    rds = pair.primary.aws.rds
    rds.failover_db_cluster(DBClusterIdentifier=pair.primary.name)
    arrives(pair, 500)
    rds.reboot_db_instance(DBInstanceIdentifier=pair.primary.writer)
    arrives(pair, 501)
    os.kill(pair.primary.process(int(pair.primary.writer[-1])), signal.SIGKILL)
    arrives(pair, 502)


def test_a_secondary_goes_on_after_its_own_faults(pair: GlobalDatabase) -> None:
    os.kill(pair.secondary.process(0), signal.SIGKILL)
    for number in (0, 1):
        eventually(lambda number=number: answers(pair, number))  # type: ignore[misc]
        arrives(pair, 600 + number, pair.secondary.address(number))


def answers(pair: GlobalDatabase, number: int) -> bool:
    with suppress(pymysql.MySQLError):
        return bool(pair.secondary.execute("SELECT 1", pair.secondary.address(number)))
    return False


def test_another_instance_goes_on_when_one_of_a_secondary_is_deleted(pair: GlobalDatabase) -> None:
    pair.secondary.aws.rds.delete_db_instance(DBInstanceIdentifier=f"{pair.secondary.name}-0")
    arrives(pair, 700, pair.secondary.address(1))
    with pytest.raises(pymysql.OperationalError, match="1290"):
        pair.secondary.execute("INSERT INTO entries VALUES (701)", pair.secondary.address(1))
    pair.secondary.add_instance(0)
    arrives(pair, 702, pair.secondary.address(0))


def test_tags_are_seen_and_changed_from_every_region(pair: GlobalDatabase) -> None:
    arn = pair.described()["GlobalClusterArn"]
    assert arn.startswith("arn:aws:rds::")
    pair.secondary.aws.rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "Owner", "Value": "payments"}])
    assert pair.primary.aws.rds.list_tags_for_resource(ResourceName=arn)["TagList"] == pair.described()["TagList"]
    pair.primary.aws.rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["Owner"])
    assert pair.described()["TagList"] == []


def test_protection_and_name_change(aws: Aws) -> None:
    rds = aws.rds
    rds.create_global_cluster(GlobalClusterIdentifier="protected", DeletionProtection=True, **ENGINE)
    with pytest.raises(rds.exceptions.ClientError, match="InvalidParameterCombination"):
        rds.delete_global_cluster(GlobalClusterIdentifier="protected")
    rds.modify_global_cluster(
        GlobalClusterIdentifier="protected", DeletionProtection=False, NewGlobalClusterIdentifier="renamed"
    )
    with pytest.raises(rds.exceptions.GlobalClusterNotFoundFault):
        rds.describe_global_clusters(GlobalClusterIdentifier="protected")
    assert rds.delete_global_cluster(GlobalClusterIdentifier="renamed")["GlobalCluster"]["Status"] == "deleting"
    assert "renamed" not in {
        found["GlobalClusterIdentifier"] for found in rds.describe_global_clusters()["GlobalClusters"]
    }
