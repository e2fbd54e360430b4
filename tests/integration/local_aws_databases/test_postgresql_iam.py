"""Users with the role for IAM come straight into a PostgreSQL cluster, with a token and in no other way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import botocore.auth
import psycopg
import pytest

from tests.integration.local_aws_databases.conftest import Aws
from tests.integration.local_aws_databases.postgresql_cluster import PostgreSqlCluster, make_postgresql
from tests.integration.local_aws_databases.principals import make_role, make_user

USER = "app"
REFUSED = f'authentication failed for user "{USER}"'


@dataclass(frozen=True)
class IamCluster(PostgreSqlCluster):
    """A cluster with the users `app`, who comes with tokens, and `reporter`, who comes with a password."""

    def token(self, host: str | None = None, user: str = USER, port: int = 5432, rds: Any = None) -> str:
        return str((rds or self.aws.rds).generate_db_auth_token(host or self.endpoint, port, user))

    def enter(self, token: str, host: str | None = None, user: str = USER, **options: Any) -> psycopg.Connection[Any]:
        return self.connect(host, user=user, password=token, **options)

    def refuses(self, token: str, user: str = USER, reason: str = REFUSED, **options: Any) -> bool:
        with pytest.raises(psycopg.OperationalError, match=reason):
            self.enter(token, user=user, **options)
        return True

    def resource(self, user: str = USER) -> str:
        """What a caller must be allowed to connect to."""
        identity = self.described()["DbClusterResourceId"]
        return f"arn:aws:rds-db:{self.aws.region}:123456789012:dbuser:{identity}/{user}"

    def enable(self, enabled: bool) -> None:
        self.aws.rds.modify_db_cluster(
            DBClusterIdentifier=self.name, EnableIAMDatabaseAuthentication=enabled, ApplyImmediately=True
        )


@pytest.fixture(scope="module")
def cluster(aws: Aws) -> Iterator[IamCluster]:
    """A cluster of two instances."""
    made = IamCluster(aws, make_postgresql(aws, 2).name)
    made.execute("CREATE TABLE entries (number INT PRIMARY KEY)")
    made.execute(f"CREATE ROLE {USER} LOGIN")
    made.execute(f"GRANT rds_iam TO {USER}")
    made.execute("CREATE ROLE reporter LOGIN PASSWORD 'a long password'")
    for user in (USER, "reporter"):
        made.execute(f"GRANT SELECT, INSERT ON entries TO {user}")
    yield made
    made.delete()


def test_a_token_opens_the_database(cluster: IamCluster) -> None:
    with closing(cluster.enter(cluster.token())) as connection:
        connection.execute("INSERT INTO entries VALUES (1)")
        found = connection.execute("SELECT current_user::text, current_database(), pg_is_in_recovery()").fetchall()
    assert found == [(USER, "payments", False)]
    assert 1 in cluster.numbers()


def test_a_token_for_any_of_the_clusters_endpoints_opens_it(cluster: IamCluster) -> None:
    for host in (cluster.reader_endpoint, cluster.address(0), cluster.address(1)):
        with closing(cluster.enter(cluster.token(host), host)) as connection:
            assert connection.execute("SELECT current_user::text").fetchall() == [(USER,)]


def test_a_token_for_something_else_is_refused(cluster: IamCluster) -> None:
    assert cluster.refuses(cluster.token(user="reporter"))
    assert cluster.refuses(cluster.token(port=5433))
    assert cluster.refuses(cluster.token("127.0.0.1"))
    elsewhere = Aws(cluster.aws.server, "us-west-2").rds
    assert cluster.refuses(cluster.token(rds=elsewhere))


def test_a_token_that_was_changed_is_refused(cluster: IamCluster) -> None:
    token = cluster.token()
    assert cluster.refuses(token[:-1] + ("0" if token[-1] != "0" else "1"))
    assert cluster.refuses(token.replace("X-Amz-Expires=900", "X-Amz-Expires=9000"))


def test_an_expired_token_is_refused(cluster: IamCluster) -> None:
    earlier = datetime.now(UTC) - timedelta(minutes=16)
    with patch.object(botocore.auth, "get_current_datetime", lambda **_: earlier.replace(tzinfo=None)):
        token = cluster.token()
    assert f"X-Amz-Date={earlier:%Y%m%dT%H%M}" in token
    assert cluster.refuses(token)


def test_without_tls_a_token_does_not_even_leave_the_client(cluster: IamCluster) -> None:
    assert cluster.refuses(cluster.token(), reason="no encryption", sslmode="disable")


def test_who_comes_with_tokens_has_no_password_and_the_other_way_round(cluster: IamCluster) -> None:
    cluster.execute(f"ALTER ROLE {USER} PASSWORD 'a password too'")
    assert cluster.refuses("a password too")
    assert cluster.refuses(cluster.token(user="reporter"), "reporter", 'authentication failed for user "reporter"')
    with closing(cluster.enter("a long password", user="reporter")) as connection:
        assert connection.execute("SELECT current_user::text").fetchall() == [("reporter",)]


def test_who_no_longer_has_the_role_comes_with_a_password(cluster: IamCluster) -> None:
    cluster.execute("CREATE ROLE changing LOGIN PASSWORD 'a long password'")
    cluster.execute("GRANT rds_iam TO changing")
    cluster.enter(cluster.token(user="changing"), user="changing").close()
    cluster.execute("REVOKE rds_iam FROM changing")
    assert cluster.refuses(cluster.token(user="changing"), "changing", "password authentication failed")
    cluster.enter("a long password", user="changing").close()


def test_the_master_user_keeps_its_password(cluster: IamCluster) -> None:
    assert cluster.execute("SELECT 1") == [(1,)]
    master = cluster.secret()["username"]
    assert cluster.refuses(cluster.token(user=master), master, "password authentication failed")


def test_tokens_of_one_cluster_do_not_open_another(cluster: IamCluster, aws: Aws) -> None:
    other = IamCluster(aws, make_postgresql(aws).name)
    other.execute(f"CREATE ROLE {USER} LOGIN")
    other.execute(f"GRANT rds_iam TO {USER}")
    other.enter(other.token()).close()
    assert other.refuses(cluster.token())
    assert cluster.refuses(other.token())
    other.delete()


def test_a_caller_who_may_not_connect_is_refused(cluster: IamCluster) -> None:
    stranger = make_user(cluster.aws, "stranger")
    assert cluster.refuses(cluster.token(rds=stranger.rds))
    for resource in (cluster.resource("reporter"), cluster.resource().replace("cluster-", "cluster-X")):
        stranger.allow("rds-db:connect", resource)
        assert cluster.refuses(cluster.token(rds=stranger.rds))
    stranger.allow("rds-db:connect", cluster.resource())
    cluster.enter(cluster.token(rds=stranger.rds)).close()


def test_a_role_comes_in_with_its_sessions_credentials(cluster: IamCluster) -> None:
    role = make_role(cluster.aws, "service")
    assert cluster.refuses(cluster.token(rds=role.rds))
    role.allow("rds-db:connect", cluster.resource())
    token = cluster.token(rds=role.rds)
    assert "X-Amz-Security-Token=" in token
    cluster.enter(token).close()
    assert cluster.refuses(token.replace("X-Amz-Security-Token=", "X-Amz-Security-Token=A"))


def test_without_iam_authentication_tokens_open_nothing(cluster: IamCluster) -> None:
    assert cluster.described()["IAMDatabaseAuthenticationEnabled"]
    cluster.enable(False)
    try:
        assert not cluster.described()["IAMDatabaseAuthenticationEnabled"]
        assert cluster.refuses(cluster.token())
    finally:
        cluster.enable(True)
    cluster.enter(cluster.token()).close()


def test_tokens_open_the_new_writer_too(cluster: IamCluster) -> None:
    cluster.aws.rds.failover_db_cluster(DBClusterIdentifier=cluster.name)
    with closing(cluster.enter(cluster.token())) as connection:
        connection.execute("INSERT INTO entries VALUES (2)")


def test_many_come_in_at_once(cluster: IamCluster) -> None:
    token = cluster.token()
    connections = [cluster.enter(token) for _ in range(10)]
    assert [one.execute("SELECT 1").fetchall() for one in connections] == [[(1,)]] * 10
    for one in connections:
        one.close()
