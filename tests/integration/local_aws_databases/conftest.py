"""A local AWS, clusters on it, and connections to them."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import boto3
import pymysql
import pytest

from local_aws.server import LocalAws

REGION = "eu-central-1"
START_SECONDS = 60


@dataclass(frozen=True)
class Aws:
    """Clients of a local AWS."""

    server: LocalAws
    region: str = REGION

    def client(self, service: str) -> Any:
        return _client(service, self.region, self.server)

    @property
    def rds(self) -> Any:
        return self.client("rds")


@cache
def _client(service: str, region: str, server: LocalAws) -> Any:
    """Made once: reading a service's model takes longer than most calls."""
    environment = server.environment()
    create: Any = boto3.client
    return create(
        service,
        region_name=region,
        endpoint_url=server.endpoint_url,
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


@dataclass(frozen=True)
class Cluster:
    """A cluster, seen from outside."""

    ENGINE: ClassVar[str] = "aurora-mysql"
    FAULTS: ClassVar[type[Exception]] = pymysql.MySQLError
    """What connections to it raise."""

    aws: Aws
    name: str

    def described(self) -> dict[str, Any]:
        found: dict[str, Any] = self.aws.rds.describe_db_clusters(DBClusterIdentifier=self.name)["DBClusters"][0]
        return found

    @property
    def endpoint(self) -> str:
        return str(self.described()["Endpoint"])

    @property
    def writer(self) -> str:
        """The name of the instance that writes."""
        members = self.described()["DBClusterMembers"]
        return next(str(member["DBInstanceIdentifier"]) for member in members if member["IsClusterWriter"])

    def secret(self) -> dict[str, str]:
        """The master user's name and password."""
        arn = self.described()["MasterUserSecret"]["SecretArn"]
        value = self.aws.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
        found: dict[str, str] = json.loads(value)
        return found

    def add_instance(self, number: int, **options: str) -> str:
        """Makes an instance, waits until it is available, and returns its name."""
        name = f"{self.name}-{number}"
        self.aws.rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBClusterIdentifier=self.name,
            Engine=self.ENGINE,
            DBInstanceClass="db.r5.large",
            **options,
        )
        deadline = time.monotonic() + START_SECONDS
        while self.instance(name)["DBInstanceStatus"] != "available":
            assert time.monotonic() < deadline, self.instance(name)["DBInstanceStatus"]
            time.sleep(0.05)
        return name

    def instance(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.aws.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        return found

    def connect(self, host: str | None = None, **options: Any) -> Any:
        """A connection as the master user to the cluster's endpoint, or to another host."""
        known = self.secret() if "password" not in options else {"username": "admin"}
        settings: dict[str, Any] = {"user": known["username"], "password": known.get("password")}
        settings |= {"database": "payments", "ssl": {"ca": str(self.aws.server.database_ca_file)}, "autocommit": True}
        return pymysql.connect(host=host or self.endpoint, port=3306, **(settings | options))

    def execute(self, sql: str, host: str | None = None) -> list[tuple[Any, ...]]:
        """Executes one statement as the master user."""
        with closing(self.connect(host)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def delete(self) -> None:
        """Deletes it with its instances."""
        for member in self.described()["DBClusterMembers"]:
            self.aws.rds.delete_db_instance(DBInstanceIdentifier=member["DBInstanceIdentifier"])
        self.aws.rds.delete_db_cluster(DBClusterIdentifier=self.name, SkipFinalSnapshot=True)


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    with LocalAws.started(tmp_path_factory.mktemp("local_aws")) as server:
        yield Aws(server)


MakeCluster = Callable[..., Cluster]


@pytest.fixture(scope="session")
def make_cluster(aws: Aws) -> MakeCluster:
    """Makes a cluster with so many instances."""

    def make(instances: int = 1, aws: Aws = aws, **options: Any) -> Cluster:
        cluster = Cluster(aws, f"cluster-{uuid4().hex[:8]}")
        settings = {
            "Engine": "aurora-mysql",
            "EngineVersion": "8.0.mysql_aurora.3.10.0",
            "DatabaseName": "payments",
            "MasterUsername": "admin",
            "ManageMasterUserPassword": True,
        }
        aws.rds.create_db_cluster(DBClusterIdentifier=cluster.name, **(settings | options))
        for number in range(instances):
            cluster.add_instance(number)
        return cluster

    return make


@pytest.fixture(scope="module")
def cluster(make_cluster: MakeCluster) -> Iterator[Cluster]:
    """A cluster of one instance with a table `entries`."""
    made = make_cluster()
    made.execute("CREATE TABLE entries (number INT PRIMARY KEY)")
    yield made
    made.delete()


@pytest.fixture(scope="module")
def pair(make_cluster: MakeCluster) -> Iterator[Cluster]:
    """A cluster of two instances with a table `entries`."""
    made = make_cluster(2)
    made.execute("CREATE TABLE entries (number INT PRIMARY KEY)")
    yield made
    made.delete()


def data_of(aws: Aws) -> list[Path]:
    """Folders with clusters' data."""
    folder = aws.server.database_ca_file.parent
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name.startswith("127."))
