"""A PostgreSQL cluster's endpoint is a real database, which only its own credentials open, over TLS."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError
from psycopg.errors import InsufficientPrivilege

from local_aws.databases.certificates import CertificateAuthority
from tests.integration.local_aws_databases.conftest import Aws, data_of
from tests.integration.local_aws_databases.postgresql_cluster import MASTER, PostgreSqlCluster, make_postgresql

PASSWORD = "chosen by the user"
CHOSEN: dict[str, Any] = {"ManageMasterUserPassword": False, "MasterUserPassword": PASSWORD}


@pytest.fixture(scope="module")
def cluster(aws: Aws) -> Iterator[PostgreSqlCluster]:
    """A cluster of one instance with a table `entries`."""
    made = make_postgresql(aws)
    made.execute("CREATE TABLE entries (number INT PRIMARY KEY)")
    yield made
    made.delete()


def refused(cluster: PostgreSqlCluster, reason: str, host: str | None = None, **options: Any) -> None:
    with pytest.raises(psycopg.OperationalError, match=reason):
        cluster.connect(host, **options)


def test_endpoints_are_addresses_of_this_computer(cluster: PostgreSqlCluster) -> None:
    found, instance = cluster.described(), cluster.instance(cluster.writer)["Endpoint"]
    addresses = {found["Endpoint"], found["ReaderEndpoint"], instance["Address"]}
    assert len(addresses) == 3
    assert all(address.startswith("127.") for address in addresses)
    assert (found["Port"], instance["Port"]) == (5432, 5432)


def test_the_database_takes_what_the_secret_holds(cluster: PostgreSqlCluster) -> None:
    cluster.execute("INSERT INTO entries VALUES (1)")
    assert cluster.execute("SELECT number FROM entries") == [(1,)]
    assert cluster.execute("SELECT current_database(), current_user::text") == [("payments", MASTER)]
    ((version,),) = cluster.execute("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    assert version.startswith("TLSv1.")
    assert cluster.numbers(cluster.reader_endpoint) == cluster.numbers(cluster.address(0)) == {1}


def test_the_master_user_owns_the_database_and_is_no_superuser(cluster: PostgreSqlCluster) -> None:
    wanted = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = current_user"
    assert cluster.execute(wanted) == [(False, True, True, False)]
    owners = "SELECT datname, pg_get_userbyid(datdba)::text FROM pg_database WHERE NOT datistemplate ORDER BY 1"
    assert cluster.execute(owners) == [("payments", MASTER), ("postgres", MASTER)]
    assert cluster.execute("SELECT pg_has_role('rds_superuser', 'MEMBER'), pg_has_role('pg_monitor', 'MEMBER')") == [
        (True, True)
    ]
    with pytest.raises(InsufficientPrivilege):
        cluster.execute("ALTER SYSTEM SET work_mem = '1MB'")


def test_the_master_user_can_make_users(cluster: PostgreSqlCluster) -> None:
    cluster.execute("CREATE ROLE app LOGIN PASSWORD 'a long password'")
    cluster.execute("GRANT SELECT ON entries TO app")
    with closing(cluster.connect(user="app", password="a long password")) as connection:
        connection.execute("SELECT COUNT(*) FROM entries")
        with pytest.raises(InsufficientPrivilege):
            connection.execute("INSERT INTO entries VALUES (99)")


def test_who_has_no_right_to_come_in_is_refused(cluster: PostgreSqlCluster) -> None:
    refused(cluster, "password authentication failed", password="wrong")
    refused(cluster, "no encryption", sslmode="disable")
    refused(cluster, "pg_hba.conf rejects connection", user="rdsadmin", password="")


def test_a_client_that_trusts_another_authority_stays_away(cluster: PostgreSqlCluster, tmp_path: Path) -> None:
    refused(cluster, "certificate verify failed", sslrootcert=str(CertificateAuthority(tmp_path).ca_file))


def test_a_password_of_the_users_own_works_and_changes(aws: Aws) -> None:
    made = make_postgresql(aws, **CHOSEN)
    made.connect(password=PASSWORD).close()
    made.aws.rds.modify_db_cluster(
        DBClusterIdentifier=made.name, MasterUserPassword="another one", ApplyImmediately=True
    )
    made.connect(password="another one").close()
    refused(made, "password authentication failed", password=PASSWORD)
    made.delete()


@pytest.mark.parametrize("way", ["secret", "cluster"])
def test_a_rotation_changes_the_password_in_the_secret_and_in_the_database(
    cluster: PostgreSqlCluster, way: str
) -> None:
    before = cluster.secret()
    if way == "secret":
        arn = cluster.described()["MasterUserSecret"]["SecretArn"]
        cluster.aws.client("secretsmanager").rotate_secret(SecretId=arn)
    else:
        cluster.aws.rds.modify_db_cluster(
            DBClusterIdentifier=cluster.name, RotateMasterUserPassword=True, ApplyImmediately=True
        )
    assert cluster.secret()["username"] == before["username"] == MASTER
    assert cluster.secret()["password"] != before["password"]
    assert cluster.execute("SELECT 1") == [(1,)]
    refused(cluster, "password authentication failed", password=before["password"])


def test_a_cluster_without_a_database_has_the_one_that_all_have(aws: Aws) -> None:
    rds, made = aws.rds, PostgreSqlCluster(aws, "without-database")
    rds.create_db_cluster(
        DBClusterIdentifier=made.name,
        Engine="aurora-postgresql",
        EngineVersion="16.8",
        MasterUsername="postgres",
        MasterUserPassword=PASSWORD,
    )
    made.add_instance(0)
    refused(made, 'database "payments" does not exist', user="postgres", password=PASSWORD)
    with closing(made.connect(user="postgres", password=PASSWORD, dbname="postgres")) as connection:
        connection.execute("CREATE TABLE mine (number INT)")
    made.delete()


def test_without_an_instance_nothing_listens_and_the_data_wait(aws: Aws) -> None:
    made = make_postgresql(aws, 0)
    refused(made, "refused")
    made.add_instance(0)
    made.execute("CREATE TABLE kept AS SELECT 1 AS number")
    made.aws.rds.delete_db_instance(DBInstanceIdentifier=made.writer)
    refused(made, "refused")
    made.add_instance(1)
    assert made.execute("SELECT number FROM kept") == [(1,)]
    made.execute("INSERT INTO kept VALUES (2)")
    made.delete()


def test_a_stopped_cluster_keeps_its_data(aws: Aws) -> None:
    made = make_postgresql(aws, 2)
    made.execute("CREATE TABLE entries AS SELECT 1 AS number")
    made.aws.rds.stop_db_cluster(DBClusterIdentifier=made.name)
    for host in (made.endpoint, made.reader_endpoint, made.address(0), made.address(1)):
        refused(made, "refused", host)
    made.aws.rds.start_db_cluster(DBClusterIdentifier=made.name)
    assert made.numbers() == made.numbers(made.reader_endpoint) == {1}
    made.execute("INSERT INTO entries VALUES (2)")
    made.delete()


def test_a_deleted_cluster_leaves_nothing(aws: Aws) -> None:
    before = data_of(aws)
    made = make_postgresql(aws, 2)
    endpoint, password = made.endpoint, made.secret()["password"]
    processes = [made.process(0), made.process(1)]
    assert len(data_of(aws)) == len(before) + 1
    made.delete()
    assert data_of(aws) == before
    refused(made, "refused", endpoint, password=password)
    assert not any(Path(f"/proc/{process}").exists() for process in processes)


def test_backtrack_is_refused(cluster: PostgreSqlCluster) -> None:
    refusal = "InvalidParameterValue.*Backtrack is not enabled for the aurora-postgresql engine"
    with pytest.raises(ClientError, match=refusal):
        make_postgresql(cluster.aws, 0, BacktrackWindow=3600)
    with pytest.raises(ClientError, match=refusal):
        cluster.aws.rds.modify_db_cluster(DBClusterIdentifier=cluster.name, BacktrackWindow=3600)


def test_versions_are_offered_with_their_family_and_logs(aws: Aws) -> None:
    found = aws.rds.describe_db_engine_versions(Engine="aurora-postgresql", EngineVersion="17.7")["DBEngineVersions"]
    assert [(one["DBParameterGroupFamily"], one["MajorEngineVersion"]) for one in found] == [
        ("aurora-postgresql17", "17")
    ]
    assert found[0]["ExportableLogTypes"] == ["iam-db-auth-error", "instance", "postgresql"]
