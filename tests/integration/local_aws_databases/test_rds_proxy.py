"""A proxy before a cluster: users come in with IAM tokens or passwords, over TLS."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import boto3
import botocore.auth
import pymysql
import pytest

from tests.integration.local_aws_databases.conftest import Cluster

PASSWORDS = {"app": "for the database alone", "reporter": "known to its client"}


@dataclass(frozen=True)
class Proxy:
    """A proxy with the users `app`, by token, and `reporter`, by password."""

    name: str
    cluster: Cluster
    secrets: dict[str, str]

    @property
    def endpoint(self) -> str:
        rds = self.cluster.aws.rds
        return str(rds.describe_db_proxies(DBProxyName=self.name)["DBProxies"][0]["Endpoint"])

    def token(self, user: str = "app", port: int = 3306) -> str:
        made = self.cluster.aws.rds.generate_db_auth_token(self.endpoint, port, user)
        return str(made)

    def connect(self, password: str, user: str = "app", **options: Any) -> "pymysql.Connection[Any]":
        settings: dict[str, Any] = {"ssl": {"ca": str(self.cluster.aws.server.database_ca_file)}, "autocommit": True}
        return pymysql.connect(
            host=self.endpoint, user=user, password=password, database="payments", **(settings | options)
        )


def role_for(cluster: Cluster, secrets: list[str]) -> str:
    """A role for a proxy, which may read the secrets."""
    iam, name = cluster.aws.client("iam"), f"proxy-{uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"}
    read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secrets}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [read]})
    iam.put_role_policy(RoleName=name, PolicyName="secrets", PolicyDocument=policy)
    return str(role["Arn"])


@pytest.fixture(scope="module")
def proxy(pair: Cluster) -> Iterator[Proxy]:
    aws, name = pair.aws, f"proxy-{uuid4().hex[:8]}"
    secrets = {}
    for user, password in PASSWORDS.items():
        pair.execute(f"CREATE USER {user}@'%' IDENTIFIED BY '{password}' REQUIRE SSL")
        pair.execute(f"GRANT SELECT, INSERT ON payments.* TO {user}@'%'")
        value = json.dumps({"username": user, "password": password})
        made = aws.client("secretsmanager").create_secret(Name=f"{name}-{user}", SecretString=value)
        secrets[user] = made["ARN"]
    auth = [
        {"AuthScheme": "SECRETS", "SecretArn": secrets[user], "IAMAuth": required}
        for user, required in (("app", "REQUIRED"), ("reporter", "DISABLED"))
    ]
    subnets = [found["SubnetId"] for found in aws.client("ec2").describe_subnets()["Subnets"]]
    role = role_for(pair, list(secrets.values()))
    aws.rds.create_db_proxy(
        DBProxyName=name, EngineFamily="MYSQL", Auth=auth, RoleArn=role, VpcSubnetIds=subnets, RequireTLS=True
    )
    aws.rds.register_db_proxy_targets(DBProxyName=name, DBClusterIdentifiers=[pair.name])
    yield Proxy(name, pair, secrets)
    aws.rds.delete_db_proxy(DBProxyName=name)


def refused(proxy: Proxy, password: str, user: str = "app") -> bool:
    with pytest.raises(pymysql.OperationalError) as caught:
        proxy.connect(password, user)
    return bool(caught.value.args[0] == 1045)


def test_a_token_opens_the_database(proxy: Proxy) -> None:
    with closing(proxy.connect(proxy.token())) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO entries VALUES (1)")
        cursor.execute("SELECT CURRENT_USER(), @@read_only, DATABASE()")
        assert cursor.fetchall() == (("app@%", 0, "payments"),)
        cursor.execute("SELECT REPEAT('x', 1000000)")
        assert len(cursor.fetchall()[0][0]) == 1_000_000
    assert (1,) in proxy.cluster.execute("SELECT number FROM entries")


def test_the_proxy_has_an_address_of_its_own_and_shows_its_target(proxy: Proxy) -> None:
    assert proxy.endpoint.startswith("127.")
    assert proxy.endpoint not in (proxy.cluster.endpoint, proxy.cluster.described()["ReaderEndpoint"])
    (target,) = proxy.cluster.aws.rds.describe_db_proxy_targets(DBProxyName=proxy.name)["Targets"]
    assert (target["RdsResourceId"], target["Port"]) == (proxy.cluster.name, 3306)


def test_a_password_is_no_token(proxy: Proxy) -> None:
    assert refused(proxy, PASSWORDS["app"])


def test_a_token_for_another_user_or_port_is_refused(proxy: Proxy) -> None:
    assert refused(proxy, proxy.token("reporter"))
    assert refused(proxy, proxy.token(port=3307))
    assert refused(proxy, proxy.token("nobody"), "nobody")


def test_a_token_that_was_changed_is_refused(proxy: Proxy) -> None:
    token = proxy.token()
    assert refused(proxy, token[:-1] + ("0" if token[-1] != "0" else "1"))
    assert refused(proxy, token.replace("X-Amz-Expires=900", "X-Amz-Expires=9000"))


def test_an_expired_token_is_refused(proxy: Proxy) -> None:
    earlier = datetime.now(UTC) - timedelta(minutes=16)
    with patch.object(botocore.auth, "get_current_datetime", lambda **_: earlier.replace(tzinfo=None)):
        token = proxy.token()
    assert f"X-Amz-Date={earlier:%Y%m%dT%H%M}" in token
    assert refused(proxy, token)


def test_a_user_without_iam_comes_with_its_password(proxy: Proxy) -> None:
    with closing(proxy.connect(PASSWORDS["reporter"], "reporter")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_USER()")
        assert cursor.fetchall() == (("reporter@%",),)
    assert refused(proxy, "wrong", "reporter")


def test_who_is_not_on_the_proxys_list_is_refused(proxy: Proxy) -> None:
    assert refused(proxy, proxy.cluster.secret()["password"], "admin")


def test_without_tls_nobody_gets_in(proxy: Proxy) -> None:
    with pytest.raises(pymysql.OperationalError, match="requires TLS"):
        proxy.connect(proxy.token(), ssl=None, ssl_disabled=True)


def test_a_secret_that_has_the_wrong_password_is_the_databases_to_refuse(proxy: Proxy) -> None:
    manager, secret = proxy.cluster.aws.client("secretsmanager"), proxy.secrets["app"]
    manager.put_secret_value(SecretId=secret, SecretString=json.dumps({"username": "app", "password": "outdated"}))
    try:
        assert refused(proxy, proxy.token())
    finally:
        value = json.dumps({"username": "app", "password": PASSWORDS["app"]})
        manager.put_secret_value(SecretId=secret, SecretString=value)
    proxy.connect(proxy.token()).close()


def test_a_proxy_whose_role_may_not_read_the_secret_lets_nobody_in(proxy: Proxy) -> None:
    rds = proxy.cluster.aws.rds
    before = rds.describe_db_proxies(DBProxyName=proxy.name)["DBProxies"][0]["RoleArn"]
    role = before.rpartition("/")[2]
    iam = proxy.cluster.aws.client("iam")
    policy = json.dumps(iam.get_role_policy(RoleName=role, PolicyName="secrets")["PolicyDocument"])
    iam.delete_role_policy(RoleName=role, PolicyName="secrets")
    try:
        assert refused(proxy, proxy.token())
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="secrets", PolicyDocument=policy)


def test_a_caller_who_may_not_connect_is_refused(proxy: Proxy) -> None:
    iam, name = proxy.cluster.aws.client("iam"), f"stranger-{uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    create: Any = boto3.client
    key = iam.create_access_key(UserName=name)["AccessKey"]
    stranger = create(
        "rds",
        region_name=proxy.cluster.aws.region,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    token = stranger.generate_db_auth_token(proxy.endpoint, 3306, "app")
    assert refused(proxy, token)
    identity = proxy.cluster.aws.rds.describe_db_proxies(DBProxyName=proxy.name)["DBProxies"][0]["DBProxyArn"]
    resource = f"arn:aws:rds-db:{proxy.cluster.aws.region}:123456789012:dbuser:{identity.rpartition(':')[2]}/app"
    statement = {"Effect": "Allow", "Action": "rds-db:connect", "Resource": resource}
    allowed = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_user_policy(UserName=name, PolicyName="connect", PolicyDocument=json.dumps(allowed))
    proxy.connect(stranger.generate_db_auth_token(proxy.endpoint, 3306, "app")).close()


def test_the_proxy_follows_the_writer(proxy: Proxy) -> None:
    with closing(proxy.connect(proxy.token())) as connection, connection.cursor() as cursor:
        proxy.cluster.aws.rds.failover_db_cluster(DBClusterIdentifier=proxy.cluster.name)
        with pytest.raises(pymysql.OperationalError, match=r"2006|2013"):
            cursor.execute("SELECT 1")
    with closing(proxy.connect(proxy.token())) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO entries VALUES (2)")
        cursor.execute("SELECT @@read_only")
        assert cursor.fetchall() == ((0,),)


def test_a_proxy_without_a_target_listens_no_more(proxy: Proxy) -> None:
    rds = proxy.cluster.aws.rds
    rds.deregister_db_proxy_targets(DBProxyName=proxy.name, DBClusterIdentifiers=[proxy.cluster.name])
    try:
        with pytest.raises(pymysql.OperationalError, match="refused"):
            proxy.connect(proxy.token())
    finally:
        rds.register_db_proxy_targets(DBProxyName=proxy.name, DBClusterIdentifiers=[proxy.cluster.name])
    proxy.connect(proxy.token()).close()
