"""The ledger as a global database in two Regions, made and changed through AWS's API alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pymysql

from local_aws.databases.execute import Execute
from tests.integration.payment_faults.aws_region import SUFFIX, AwsRegion, ledger_variables
from tests.integration.payment_faults.ledger_servers import MASTER_PASSWORD, MASTER_USER

NAME = f"payment-global-{SUFFIX}"
ENGINE = {"Engine": "aurora-mysql", "EngineVersion": "8.0.mysql_aurora.3.10.0"}
PORT = 3306
CHANGE_SECONDS = 120.0


def eventually(check: Callable[[], bool], what: str) -> None:
    """Waits until it is so."""
    ends = time.monotonic() + CHANGE_SECONDS
    while not check():
        assert time.monotonic() < ends, f"{what}: not within {CHANGE_SECONDS} s"
        time.sleep(0.05)


@dataclass(frozen=True)
class LedgerCluster:
    """The cluster of one Region. `secret` is the ARN there of the function's login."""

    region: AwsRegion
    name: str
    secret: str

    def create(self, **options: Any) -> None:
        """Makes it in the global database, with one instance."""
        rds = self.region.client("rds")
        rds.create_db_cluster(DBClusterIdentifier=self.name, GlobalClusterIdentifier=NAME, **ENGINE, **options)
        instance = {"DBInstanceIdentifier": f"{self.name}-1"}
        rds.create_db_instance(
            **instance, DBClusterIdentifier=self.name, Engine=ENGINE["Engine"], DBInstanceClass="db.r5.large"
        )

        def available() -> bool:
            (found,) = rds.describe_db_instances(**instance)["DBInstances"]
            return bool(found["DBInstanceStatus"] == "available")

        eventually(available, f"{self.name} is available")

    def described(self) -> dict[str, Any]:
        clusters = self.region.client("rds").describe_db_clusters(DBClusterIdentifier=self.name)["DBClusters"]
        return dict(clusters[0])

    @property
    def arn(self) -> str:
        return str(self.described()["DBClusterArn"])

    def variables(self) -> dict[str, str]:
        """The function's environment variables that tell of it."""
        found = self.described()
        own = ledger_variables(host=found["Endpoint"], port=PORT, secret=self.secret)
        return {**own, "DB_READER_ENDPOINT": found["ReaderEndpoint"]}

    @contextmanager
    def session(self, endpoint: str = "Endpoint") -> Iterator[Execute]:
        """Executes statements as the master user, who sees all transactions."""
        connection = pymysql.connect(
            host=self.described()[endpoint],
            port=PORT,
            user=MASTER_USER,
            password=MASTER_PASSWORD,
            ssl={"ca": str(self.region.aws.database_ca_file)},
            autocommit=True,
        )
        with closing(connection):
            yield Execute(connection)

    def has_schema(self) -> bool:
        """Whether what the migrations made has arrived."""
        try:
            with self.session("ReaderEndpoint") as execute:
                execute("SELECT 1 FROM payments.outbox")
        except pymysql.MySQLError:
            return False
        return True

    def take_away(self) -> None:
        """Kills its databases; they stay down."""
        self.region.aws.take_databases_away(self.arn)

    def bring_back(self) -> None:
        """Starts them again."""
        self.region.aws.bring_databases_back(self.arn)

    def switch_over(self) -> None:
        """Becomes the primary as planned, without a loss.

        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html
        """
        rds = self.region.client("rds")
        rds.switchover_global_cluster(GlobalClusterIdentifier=NAME, TargetDbClusterIdentifier=self.arn)
        self._wait_until_primary()

    def fail_over(self) -> None:
        """Becomes the primary in the place of one that is lost."""
        rds = self.region.client("rds")
        rds.failover_global_cluster(
            GlobalClusterIdentifier=NAME, TargetDbClusterIdentifier=self.arn, AllowDataLoss=True
        )
        self._wait_until_primary()

    def detach(self) -> None:
        """Leaves the global database, and takes writes of its own."""
        rds = self.region.client("rds")
        rds.remove_from_global_cluster(GlobalClusterIdentifier=NAME, DbClusterIdentifier=self.arn)
        eventually(lambda: bool(self.described()["Status"] == "available"), f"{self.name} stands alone")

    def _wait_until_primary(self) -> None:
        rds, arn = self.region.client("rds"), self.arn

        def primary() -> bool:
            (found,) = rds.describe_global_clusters(GlobalClusterIdentifier=NAME)["GlobalClusters"]
            writers = [member["DBClusterArn"] for member in found["GlobalClusterMembers"] if member["IsWriter"]]
            return bool(found["Status"] == "available" and writers == [arn])

        eventually(primary, f"{self.name} is the primary")


def create_global_ledger(primary: LedgerCluster, secondary: LedgerCluster) -> None:
    """An empty database `payments` in the one, repeated by the other."""
    primary.region.client("rds").create_global_cluster(GlobalClusterIdentifier=NAME, DatabaseName="payments", **ENGINE)
    primary.create(DatabaseName="payments", MasterUsername=MASTER_USER, MasterUserPassword=MASTER_PASSWORD)
    secondary.create()
