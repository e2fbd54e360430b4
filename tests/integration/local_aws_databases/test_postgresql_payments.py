"""The payments' own code with a ledger on a PostgreSQL cluster, to which it comes with tokens of its role."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

import payment_migrations
from local_aws.server import LocalAws
from tests.integration.local_aws_databases.conftest import Aws
from tests.integration.local_aws_databases.postgresql_cluster import PostgreSqlCluster, eventually, make_postgresql
from tests.integration.local_aws_databases.principals import make_role
from tests.integration.payment_faults.aws_region import AwsRegion, trusted
from tests.integration.payment_faults.deliveries import Delivery, Route
from tests.integration.payment_faults.worker import Context
from tests.integration.payment_faults.worker_processes import Worker, WorkerProcesses

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

USER = "payment_user"


@dataclass(frozen=True)
class Payments:
    """The function's code, its Region and its ledger."""

    cluster: PostgreSqlCluster
    region: AwsRegion
    variables: dict[str, str]
    worker: Worker
    logs: Path

    def migrate(self) -> dict[str, Any]:
        """Calls the function of the migrations, as a deployment does."""
        secret = self.cluster.described()["MasterUserSecret"]["SecretArn"]
        with patch.dict(os.environ, {**self.variables, "DB_MASTER_SECRET_ARN": secret}):
            return dict(payment_migrations.handler({}, cast("LambdaContext", Context())))

    def send(self, payment_id: str, route: Route = Route.API) -> dict[str, Any]:
        """The answer to a payment, after which the worker has done what it does later."""
        delivery = Delivery(
            payment_id=payment_id,
            amount=Decimal("12.50"),
            currency="EUR",
            payer="DE00PAYER",
            payee="DE00PAYEE",
            route=route,
        )
        reply = self.worker.invoke(delivery.event())
        assert reply.error is None, self.logged()
        assert self.worker.rest().idle
        return reply.answer or {}

    def entries(self) -> list[tuple[Any, ...]]:
        return self.cluster.execute("SELECT payment_id, side, amount FROM ledger_entries ORDER BY 1, 2 DESC")

    def logged(self) -> str:
        return "".join(file.read_text() for file in self.logs.iterdir())


@pytest.fixture(scope="module")
def payments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Payments]:
    folder = tmp_path_factory.mktemp("payments")
    with LocalAws.started(folder / "aws") as server, _started(Aws(server), folder / "logs") as made:
        yield made


@contextmanager
def _started(aws: Aws, logs: Path) -> Iterator[Payments]:
    cluster, region = make_postgresql(aws, 2), AwsRegion(aws.server, aws.region)
    region.create_table()
    region.create_services()
    role = make_role(aws, "payment-processor")
    identity = cluster.described()["DbClusterResourceId"]
    role.allow("rds-db:connect", f"arn:aws:rds-db:{aws.region}:123456789012:dbuser:{identity}/{USER}")
    url, ca_file = aws.server.endpoint_url, aws.server.database_ca_file
    variables = {
        **region.variables(dynamodb_url=url, events_url=url, ca_file=ca_file),
        **role.credentials,
        "DB_ENGINE": cluster.ENGINE,
        "DB_ENDPOINT": cluster.endpoint,
        "DB_NAME": "payments",
        "DB_USER": USER,
        "DB_AUTHENTICATION": "iam",
    }
    with WorkerProcesses.started(logs, variables) as processes, closing(processes.new()) as worker, trusted(ca_file):
        yield Payments(cluster, region, variables, worker, logs)


def test_the_migrations_make_the_schema_and_a_user_for_tokens(payments: Payments) -> None:
    first = payments.migrate()
    assert first["applied"]
    assert payments.migrate() == {"applied": [], "version": first["version"]}
    found = payments.cluster.execute(
        f"SELECT pg_has_role('{USER}', 'rds_iam', 'MEMBER'), rolsuper FROM pg_roles WHERE rolname = '{USER}'"
    )
    assert found == [(True, False)]


def test_a_payment_is_booked_once_however_often_it_is_sent(payments: Payments) -> None:
    payments.migrate()
    answers = [payments.send("payment-1") for _ in range(3)]
    assert [answer["statusCode"] for answer in answers] == [200] * 3
    assert answers[0]["body"] == answers[1]["body"] == answers[2]["body"]
    wanted = [("payment-1", side, Decimal("12.50")) for side in ("DEBIT", "CREDIT")]
    assert [row for row in payments.entries() if row[0] == "payment-1"] == wanted
    found = payments.send("payment-1", Route.FIND)
    assert (found["statusCode"], json.loads(found["body"])["payment_id"]) == (200, "payment-1")
    eventually(lambda: any("payment-1" in text for text in payments.region.published()))


def test_payments_go_on_after_a_failover(payments: Payments) -> None:
    payments.migrate()
    before = payments.send("payment-2")
    payments.cluster.aws.rds.failover_db_cluster(DBClusterIdentifier=payments.cluster.name)
    assert payments.send("payment-3")["statusCode"] == before["statusCode"] == 200
    assert payments.send("payment-2")["body"] == before["body"]
    assert {"payment-2", "payment-3"} <= {row[0] for row in payments.entries()}


def test_the_user_may_do_no_more_than_it_needs_and_needs_its_token(payments: Payments) -> None:
    payments.migrate()
    cluster = payments.cluster
    token = cluster.aws.rds.generate_db_auth_token(cluster.endpoint, 5432, USER)
    with closing(cluster.connect(user=USER, password=token)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM payments").fetchall()
        for statement in ("DELETE FROM ledger_entries", "DROP TABLE payments", "CREATE TABLE mine (number INT)"):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement)
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        cluster.connect(user=USER, password=cluster.secret()["password"])
    assert "X-Amz-Signature" not in payments.logged()
