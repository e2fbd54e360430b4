"""A global database of PostgreSQL: the secondary Region repeats what the primary commits, and takes over from it."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing, suppress

import psycopg
import pytest
from botocore.exceptions import ClientError
from psycopg.errors import ReadOnlySqlTransaction

from tests.integration.local_aws_databases.conftest import Aws
from tests.integration.local_aws_databases.global_database import (
    PASSWORD,
    GlobalDatabase,
    Member,
    eventually,
    global_database,
)
from tests.integration.local_aws_databases.load import load
from tests.integration.local_aws_databases.postgresql_global import PostgreSqlMember


@pytest.fixture(scope="module")
def pair(aws: Aws) -> Iterator[GlobalDatabase]:
    """Two instances in each Region, whose roles change."""
    with global_database(aws, 2, PostgreSqlMember) as made:
        yield made


@pytest.fixture
def leaving(aws: Aws) -> Iterator[GlobalDatabase]:
    """A global database for one test, whose secondary leaves it."""
    with global_database(aws, 1, PostgreSqlMember) as made:
        yield made


def follows(new: Member, old: Member, number: int) -> None:
    """Asserts that one takes writes, and that all instances of the other repeat them and take none."""

    def written() -> bool:
        with suppress(psycopg.OperationalError):
            new.execute(f"INSERT INTO entries VALUES ({number}) ON CONFLICT DO NOTHING")
            return True
        return False

    eventually(written)
    for instance in (0, 1):
        for member in (new, old):
            eventually(lambda member=member, instance=instance: member.has(number, member.address(instance)))  # type: ignore[misc]
        with pytest.raises(ReadOnlySqlTransaction):
            old.execute("INSERT INTO entries VALUES (-1)", old.address(instance))
    with pytest.raises(psycopg.OperationalError, match="refused"):
        old.connect()


def test_it_is_one_in_both_regions(pair: GlobalDatabase) -> None:
    found, secondary = pair.described(), pair.secondary.described()
    assert found == pair.described(pair.secondary.aws)
    assert (found["Status"], found["DatabaseName"], found["Engine"]) == ("available", "payments", "aurora-postgresql")
    assert secondary["ReplicationSourceIdentifier"] == pair.primary.arn
    assert secondary["MasterUsername"] == PostgreSqlMember.MASTER
    assert [member["IsClusterWriter"] for member in secondary["DBClusterMembers"]] == [False, False]
    with closing(pair.primary.connect(found["Endpoint"])) as connection:
        connection.execute("INSERT INTO entries VALUES (300)")
    follows(pair.primary, pair.secondary, 301)
    assert pair.secondary.numbers() >= {300, 301}


def test_users_and_a_new_master_password_arrive(pair: GlobalDatabase) -> None:
    pair.primary.execute("CREATE ROLE app LOGIN")
    pair.primary.execute("GRANT rds_iam TO app")
    for password in ("another password", PASSWORD):
        pair.primary.aws.rds.modify_db_cluster(
            DBClusterIdentifier=pair.primary.name, MasterUserPassword=password, ApplyImmediately=True
        )

        def logs_in(password: str = password) -> bool:
            with suppress(psycopg.OperationalError):
                pair.secondary.connect(pair.secondary.reader_endpoint, password=password).close()
                return True
            return False

        eventually(logs_in)


def test_a_token_of_its_region_opens_a_secondary(pair: GlobalDatabase) -> None:
    secondary, primary = pair.secondary, pair.primary
    secondary.aws.rds.modify_db_cluster(
        DBClusterIdentifier=secondary.name, EnableIAMDatabaseAuthentication=True, ApplyImmediately=True
    )
    host = secondary.reader_endpoint
    token = secondary.aws.rds.generate_db_auth_token(host, 5432, "app")
    with closing(secondary.connect(host, user="app", password=token)) as connection:
        assert connection.execute("SELECT current_user::text, pg_is_in_recovery()").fetchall() == [("app", True)]
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        secondary.connect(host, user="app", password=primary.aws.rds.generate_db_auth_token(host, 5432, "app"))


def test_a_secondary_follows_the_primary_through_its_faults(pair: GlobalDatabase) -> None:
    old, new = pair.primary, pair.secondary
    old.aws.rds.failover_db_cluster(DBClusterIdentifier=old.name)
    follows(old, new, 500)
    old.aws.rds.reboot_db_instance(DBInstanceIdentifier=old.writer)
    follows(old, new, 501)
    os.kill(old.process(int(old.writer[-1])), signal.SIGKILL)
    follows(old, new, 502)


def test_a_secondary_goes_on_after_its_own_faults(pair: GlobalDatabase) -> None:
    os.kill(pair.secondary.process(0), signal.SIGKILL)
    eventually(lambda: pair.secondary.has(0, pair.secondary.address(0)))
    follows(pair.primary, pair.secondary, 600)
    pair.secondary.aws.rds.delete_db_instance(DBInstanceIdentifier=f"{pair.secondary.name}-0")
    pair.primary.execute("INSERT INTO entries VALUES (601)")
    eventually(lambda: pair.secondary.has(601, pair.secondary.address(1)))
    pair.secondary.add_instance(0)
    follows(pair.primary, pair.secondary, 602)


def test_a_switchover_loses_nothing_and_goes_back(pair: GlobalDatabase) -> None:
    for number in range(700, 703):
        old, new = pair.roles()
        old.execute("DELETE FROM entries WHERE number >= 100000")
        with load(old) as acknowledged:
            pair.switch_to(new)
        assert set(acknowledged) <= new.numbers(new.endpoint)
        follows(new, old, number)
        assert new.numbers() == old.numbers()


def test_after_a_disaster_the_secondary_has_all_that_was_acknowledged(pair: GlobalDatabase) -> None:
    old, new = pair.roles()
    server = old.aws.server
    old.execute("DELETE FROM entries")
    with load(old) as acknowledged:
        server.take_databases_away(old.arn)
    with pytest.raises(psycopg.OperationalError, match="refused"):
        old.connect()
    pair.switch_to(new, data_loss=True)
    assert set(acknowledged) <= new.numbers(new.endpoint)
    server.bring_databases_back(old.arn)
    follows(new, old, 11)
    assert old.numbers() == new.numbers()
    pair.switch_to(old)
    follows(old, new, 12)


def test_a_primary_or_secondary_that_is_away_changes_nothing(pair: GlobalDatabase) -> None:
    old, new = pair.roles()
    rds = new.aws.rds
    names = {"GlobalClusterIdentifier": pair.name, "TargetDbClusterIdentifier": new.arn}
    old.aws.server.take_databases_away(old.arn)
    with pytest.raises(rds.exceptions.InvalidDBClusterStateFault):
        rds.switchover_global_cluster(**names)
    old.aws.server.bring_databases_back(old.arn)
    follows(old, new, 31)
    new.aws.server.take_databases_away(new.arn)
    with pytest.raises(rds.exceptions.InvalidDBClusterStateFault):
        rds.failover_global_cluster(**names, AllowDataLoss=True)
    old.execute("INSERT INTO entries VALUES (41)")
    new.aws.server.bring_databases_back(new.arn)
    follows(old, new, 42)
    assert new.has(41)


def test_a_member_of_another_engine_or_with_a_managed_password_is_refused(pair: GlobalDatabase) -> None:
    rds = Aws(pair.primary.aws.server, "eu-west-1").rds
    for options in (
        {"Engine": "aurora-mysql", "EngineVersion": "8.0.mysql_aurora.3.10.0"},
        {"Engine": "aurora-postgresql", "EngineVersion": "17.6"},
        {"Engine": "aurora-postgresql", "ManageMasterUserPassword": True},
    ):
        with pytest.raises(ClientError, match="InvalidParameterCombination"):
            rds.create_db_cluster(DBClusterIdentifier="another", GlobalClusterIdentifier=pair.name, **options)


def test_a_secondary_that_leaves_takes_writes_of_its_own(leaving: GlobalDatabase) -> None:
    primary, secondary = leaving.primary, leaving.secondary
    primary.execute("INSERT INTO entries VALUES (1)")
    leaving.remove(secondary)
    assert "ReplicationSourceIdentifier" not in secondary.described()
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
    with pytest.raises(psycopg.OperationalError, match="refused"):
        primary.execute("SELECT 1", primary.address(0))
    server.bring_databases_back(primary.arn)
    eventually(lambda: primary.has(acknowledged[-1]))
    assert set(acknowledged) <= primary.numbers()
