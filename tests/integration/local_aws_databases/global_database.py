"""A global database in two Regions on a local AWS."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from tests.integration.local_aws_databases.conftest import Aws, Cluster

PRIMARY_REGION, SECONDARY_REGION = "us-east-1", "us-west-2"
ENGINE = {"Engine": "aurora-mysql", "EngineVersion": "8.0.mysql_aurora.3.10.0"}
PASSWORD = "a password of the user's"
SECONDS = 30


def eventually(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@dataclass(frozen=True)
class Member(Cluster):
    """A cluster of a global database, whose master password the user chose."""

    MASTER: ClassVar[str] = "admin"
    VERSION: ClassVar[str] = ENGINE["EngineVersion"]

    def secret(self) -> dict[str, str]:
        return {"username": self.MASTER, "password": PASSWORD}

    @property
    def arn(self) -> str:
        return str(self.described()["DBClusterArn"])

    @property
    def reader_endpoint(self) -> str:
        return str(self.described()["ReaderEndpoint"])

    def address(self, number: int) -> str:
        """The address of an instance."""
        return str(self.instance(f"{self.name}-{number}")["Endpoint"]["Address"])

    def process(self, number: int) -> int:
        """The process of an instance."""
        return int(Path(self.execute("SELECT @@pid_file", self.address(number))[0][0]).read_text())

    def numbers(self, host: str | None = None) -> set[int]:
        """What is in the table `entries`; through the reader endpoint by default."""
        return {row[0] for row in self.execute("SELECT number FROM entries", host or self.reader_endpoint)}

    def has(self, number: int, host: str | None = None) -> bool:
        """Whether it is there; False also while the database does not answer or has no such table yet."""
        with suppress(self.FAULTS):
            return number in self.numbers(host)
        return False


@dataclass(frozen=True)
class GlobalDatabase:
    """Seen from outside. `primary` and `secondary` are what they were at first."""

    name: str
    primary: Member
    secondary: Member

    def described(self, aws: Aws | None = None) -> dict[str, Any]:
        rds = (aws or self.primary.aws).rds
        found: dict[str, Any] = rds.describe_global_clusters(GlobalClusterIdentifier=self.name)["GlobalClusters"][0]
        return found

    @property
    def writer(self) -> str:
        """The ARN of the cluster that takes writes."""
        return next(str(one["DBClusterArn"]) for one in self.described()["GlobalClusterMembers"] if one["IsWriter"])

    def roles(self) -> tuple[Member, Member]:
        """The clusters that are the primary and the secondary now."""
        members = self.primary, self.secondary
        return members if self.writer == self.primary.arn else members[::-1]

    def switch_to(self, target: Member, *, data_loss: bool = False) -> None:
        """Makes another cluster the primary, and waits until it is."""
        if data_loss:
            target.aws.rds.failover_global_cluster(
                GlobalClusterIdentifier=self.name, TargetDbClusterIdentifier=target.arn, AllowDataLoss=True
            )
        else:
            target.aws.rds.switchover_global_cluster(
                GlobalClusterIdentifier=self.name, TargetDbClusterIdentifier=target.arn
            )
        eventually(lambda: self.described()["Status"] == "available")
        assert self.writer == target.arn

    def remove(self, member: Member) -> None:
        """Makes a member stand alone, and waits until it does."""
        member.aws.rds.remove_from_global_cluster(GlobalClusterIdentifier=self.name, DbClusterIdentifier=member.arn)
        eventually(lambda: member.described()["Status"] == "available")

    def delete(self) -> None:
        """Removes all of it that is left, as Terraform does."""
        members = sorted((self.primary, self.secondary), key=lambda member: member.arn == self.writer)
        for member in members:
            for instance in member.described()["DBClusterMembers"]:
                member.aws.rds.delete_db_instance(DBInstanceIdentifier=instance["DBInstanceIdentifier"])
            if member.arn in {one["DBClusterArn"] for one in self.described()["GlobalClusterMembers"]}:
                self.remove(member)
            member.aws.rds.delete_db_cluster(DBClusterIdentifier=member.name, SkipFinalSnapshot=True)
        self.primary.aws.rds.delete_global_cluster(GlobalClusterIdentifier=self.name)


def create_secondary(aws: Aws, name: str, global_cluster: str, **options: Any) -> None:
    """Makes a cluster that follows the primary."""
    joined = {"DBClusterIdentifier": name, "GlobalClusterIdentifier": global_cluster}
    aws.rds.create_db_cluster(**{**ENGINE, **joined, **options})


@contextmanager
def global_database(aws: Aws, instances: int = 1, kind: type[Member] = Member) -> Iterator[GlobalDatabase]:
    """A global database with so many instances in each Region, and a table `entries` with a zero."""
    suffix = uuid4().hex[:8]
    engine = {"Engine": kind.ENGINE, "EngineVersion": kind.VERSION}
    primary = kind(Aws(aws.server, PRIMARY_REGION), f"primary-{suffix}")
    secondary = kind(Aws(aws.server, SECONDARY_REGION), f"secondary-{suffix}")
    made = GlobalDatabase(f"global-{suffix}", primary, secondary)
    primary.aws.rds.create_global_cluster(GlobalClusterIdentifier=made.name, DatabaseName="payments", **engine)
    primary.aws.rds.create_db_cluster(
        DBClusterIdentifier=primary.name,
        GlobalClusterIdentifier=made.name,
        DatabaseName="payments",
        MasterUsername=kind.MASTER,
        MasterUserPassword=PASSWORD,
        **engine,
    )
    for number in range(instances):
        primary.add_instance(number)
    primary.execute("CREATE TABLE entries (number INT PRIMARY KEY)")
    primary.execute("INSERT INTO entries VALUES (0)")
    create_secondary(secondary.aws, secondary.name, made.name, **engine)
    for number in range(instances):
        secondary.add_instance(number)
    for number in range(instances):
        eventually(lambda number=number: secondary.has(0, secondary.address(number)))  # type: ignore[misc]
    yield made
    made.delete()
