"""A cluster's endpoint is a real database, which only its own credentials open, over TLS."""

from pathlib import Path

import pymysql
import pytest

from local_aws.databases.certificates import CertificateAuthority
from tests.integration.local_aws_databases.conftest import Aws, Cluster, MakeCluster, data_of


def test_endpoints_are_addresses_of_this_computer(cluster: Cluster) -> None:
    found, instance = cluster.described(), cluster.instance(cluster.writer)["Endpoint"]
    addresses = {found["Endpoint"], found["ReaderEndpoint"], instance["Address"]}
    assert len(addresses) == 3
    assert all(address.startswith("127.") for address in addresses)
    assert (found["Port"], instance["Port"]) == (3306, 3306)


def test_the_database_takes_what_the_secret_holds(cluster: Cluster) -> None:
    cluster.execute("INSERT INTO entries VALUES (1)")
    assert cluster.execute("SELECT number FROM entries") == [(1,)]
    assert cluster.execute("SELECT DATABASE(), CURRENT_USER()") == [("payments", "admin@%")]
    assert cluster.execute("SHOW STATUS LIKE 'Ssl_version'")[0][1].startswith("TLSv1.")
    assert cluster.execute("SELECT COUNT(*) FROM entries", cluster.described()["ReaderEndpoint"]) == [(1,)]


def test_the_master_user_can_make_users(cluster: Cluster) -> None:
    cluster.execute("CREATE USER app@'%' IDENTIFIED BY 'a long password'")
    cluster.execute("GRANT SELECT ON payments.* TO app@'%'")
    with cluster.connect(user="app", password="a long password") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM entries")
        with pytest.raises(pymysql.OperationalError, match="1142"):
            cursor.execute("INSERT INTO entries VALUES (99)")


def test_a_wrong_password_is_refused(cluster: Cluster) -> None:
    with pytest.raises(pymysql.OperationalError, match="1045"):
        cluster.connect(password="wrong")


def test_without_tls_nobody_gets_in(cluster: Cluster) -> None:
    with pytest.raises(pymysql.OperationalError, match="1045"):
        cluster.connect(password=cluster.secret()["password"], ssl=None, ssl_disabled=True)


def test_a_client_that_trusts_another_authority_stays_away(cluster: Cluster, tmp_path: Path) -> None:
    other = CertificateAuthority(tmp_path)
    with pytest.raises(pymysql.OperationalError, match="CERTIFICATE_VERIFY_FAILED"):
        cluster.connect(ssl={"ca": str(other.ca_file)})


def test_root_is_not_to_be_reached_over_the_network(cluster: Cluster) -> None:
    with pytest.raises(pymysql.OperationalError, match="1045"):
        cluster.connect(user="root", password="")


def test_a_password_of_the_users_own_works_and_changes(make_cluster: MakeCluster) -> None:
    made = make_cluster(ManageMasterUserPassword=False, MasterUserPassword="chosen by the user")
    made.connect(password="chosen by the user").close()
    made.aws.rds.modify_db_cluster(
        DBClusterIdentifier=made.name, MasterUserPassword="another one", ApplyImmediately=True
    )
    made.connect(password="another one").close()
    with pytest.raises(pymysql.OperationalError, match="1045"):
        made.connect(password="chosen by the user")
    made.delete()


@pytest.mark.parametrize("way", ["secret", "cluster"])
def test_a_rotation_changes_the_password_in_the_secret_and_in_the_database(cluster: Cluster, way: str) -> None:
    before = cluster.secret()
    if way == "secret":
        arn = cluster.described()["MasterUserSecret"]["SecretArn"]
        cluster.aws.client("secretsmanager").rotate_secret(SecretId=arn)
    else:
        cluster.aws.rds.modify_db_cluster(
            DBClusterIdentifier=cluster.name, RotateMasterUserPassword=True, ApplyImmediately=True
        )
    assert cluster.secret()["username"] == before["username"]
    assert cluster.secret()["password"] != before["password"]
    assert cluster.execute("SELECT 1") == [(1,)]
    with pytest.raises(pymysql.OperationalError, match="1045"):
        cluster.connect(password=before["password"])


def test_saying_again_that_the_password_is_managed_changes_nothing(cluster: Cluster) -> None:
    before, secret = cluster.described()["MasterUserSecret"]["SecretArn"], cluster.secret()
    cluster.aws.rds.modify_db_cluster(
        DBClusterIdentifier=cluster.name, ManageMasterUserPassword=True, ApplyImmediately=True
    )
    assert (cluster.described()["MasterUserSecret"]["SecretArn"], cluster.secret()) == (before, secret)


def test_two_clusters_know_nothing_of_each_other(cluster: Cluster, make_cluster: MakeCluster, aws: Aws) -> None:
    other = make_cluster(aws=Aws(aws.server, "us-west-2"))
    assert other.execute("SHOW TABLES") == []
    assert other.secret()["password"] != cluster.secret()["password"]
    with pytest.raises(pymysql.OperationalError, match="1045"):
        other.connect(password=cluster.secret()["password"])
    other.delete()


def test_without_an_instance_nothing_listens_and_the_data_wait(make_cluster: MakeCluster) -> None:
    made = make_cluster(0)
    with pytest.raises(pymysql.OperationalError, match="refused"):
        made.connect()
    made.add_instance(0)
    made.execute("CREATE TABLE kept (number INT PRIMARY KEY)")
    made.aws.rds.delete_db_instance(DBInstanceIdentifier=made.writer)
    with pytest.raises(pymysql.OperationalError, match="refused"):
        made.connect()
    made.add_instance(1)
    assert made.execute("SHOW TABLES") == [("kept",)]
    made.delete()


def test_a_stopped_cluster_keeps_its_data(make_cluster: MakeCluster) -> None:
    made = make_cluster()
    made.execute("CREATE TABLE kept (number INT PRIMARY KEY)")
    made.aws.rds.stop_db_cluster(DBClusterIdentifier=made.name)
    with pytest.raises(pymysql.OperationalError, match="refused"):
        made.connect()
    made.aws.rds.start_db_cluster(DBClusterIdentifier=made.name)
    assert made.execute("SHOW TABLES") == [("kept",)]
    made.delete()


def test_a_deleted_cluster_leaves_nothing(make_cluster: MakeCluster, aws: Aws) -> None:
    before = data_of(aws)
    made = make_cluster(2)
    endpoint, password = made.endpoint, made.secret()["password"]
    assert len(data_of(aws)) == len(before) + 1
    made.delete()
    assert data_of(aws) == before
    with pytest.raises(pymysql.OperationalError, match="refused"):
        made.connect(endpoint, password=password)
