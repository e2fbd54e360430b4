"""Every recovery of an environment in one Region, while clients pay: cut off, resumed, and held against the ledger.

In this order: each goes on with what the one before it left.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.payment_events import DETAIL_TYPE, SOURCE
from local_aws.demo.payments import wait_until
from local_aws.ledger_view import LedgerView
from local_aws.server import LocalAws
from tap.deployment import Deployment
from tests.integration.recovery.operator import Operator
from tests.integration.recovery.payment_load import PaymentLoad

SUFFIX, REGION = "rec-1", "eu-west-1"
# Nothing that was begun takes longer on one machine.
QUICK = ("--settle", "6")
SECONDS = 60


class OneRegion:
    """The deployed environment, its operator, and its ledger."""

    def __init__(self, deployment: Deployment, aws: LocalAws, variables: dict[str, str], directory: Path) -> None:
        self.deployment = deployment
        self.outputs = deployment.terraform.output()
        self.session = deployment.session()
        self.endpoint_url = aws.endpoint_url
        self.operator = Operator(variables, directory / "recoveries")
        self._aws = aws

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.endpoint_url)  # type: ignore[call-overload]

    def load(self, name: str) -> PaymentLoad:
        return PaymentLoad(lambda: self.deployment.payment_client(self.outputs), name)

    @contextmanager
    def while_clients_pay(self, name: str) -> Iterator[None]:
        """Clients pay before, during and after the block; whatever was acknowledged is in the ledger then."""
        load = self.load(name)
        with load.going_on():
            load.wait_for_more(5)
            yield
            load.wait_for_more(5)
        assert load.acknowledged.keys() <= self.payments().keys()

    def payments(self) -> dict[str, datetime]:
        """Those that the ledger has, with their times; each of them is booked once, and all is in balance."""
        view = LedgerView(self._aws, self.client("secretsmanager"), {**self.outputs, **self._master()})
        assert view.query("SELECT payment_id FROM ledger_entries GROUP BY payment_id HAVING COUNT(*) <> 2") == []
        assert all(balance.debits == balance.credits for balance in view.balances())
        rows = view.query("SELECT payment_id, recorded_at FROM payments")
        return {payment_id: at.replace(tzinfo=UTC) for payment_id, at in rows}

    def _master(self) -> dict[str, str]:
        """The master user's secret is another one after a restore."""
        cluster = self.client("rds").describe_db_clusters(DBClusterIdentifier=self.outputs["database_cluster_id"])
        return {"database_secret_arn": cluster["DBClusters"][0]["MasterUserSecret"]["SecretArn"]}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneRegion]:
    """TapStack on a local AWS of its own; both are gone afterwards, whatever happened."""
    directory = tmp_path_factory.mktemp("recovery")
    with LocalAws.started(directory / "local_aws") as aws:
        variables = {**aws.environment(), "ENVIRONMENT_SUFFIX": SUFFIX, "AWS_REGION": REGION}
        deployment = Deployment(directory, variables)
        deployment.synthesize()
        deployment.terraform.init()
        deployment.terraform.apply(deployment.terraform.plan())
        yield OneRegion(deployment, aws, variables, directory)


def whole_second() -> datetime:
    """The moment to go back to: the local AWS takes a moment's second to its end."""
    moment = datetime.now(UTC).replace(microsecond=0)
    time.sleep(1)
    return moment


def check_span(environment: OneRegion, load: PaymentLoad, report: dict[str, Any], moment: datetime) -> None:
    """Nothing acknowledged is lost outside of the rewound span; in it, all that is lost is on the report."""
    steps = {step["name"]: step for step in report["steps"]}
    stopped = datetime.fromisoformat(steps["stop-writers"]["began_at"]) + timedelta(
        seconds=steps["stop-writers"]["seconds"]
    )
    there = environment.payments()
    lost = load.acknowledged.keys() - there.keys()
    assert lost <= load.between(moment, stopped)
    assert lost
    assert not [id_ for id_, at in there.items() if moment + timedelta(seconds=1) < at < stopped]
    reported = environment.operator.differences(report)
    assert lost <= reported.keys()
    assert {(reported[id_]["status_before"], reported[id_]["status_now"]) for id_ in lost} == {("COMMITTED", "")}
    assert load.answers[503]


def test_what_cannot_be_done_is_refused_and_touches_nothing(environment: OneRegion) -> None:
    operator, now = environment.operator, datetime.now(UTC)
    later, long_ago = ((now + timedelta(hours=hours)).isoformat() for hours in (1, -1000))
    assert "is not past" in operator.recover("backtrack", "--to", later).err
    assert "restore it instead" in operator.recover("backtrack", "--to", long_ago).err
    assert operator.recover("restore-backup", "unknown").code == 1
    assert operator.recover("backtrack", "--to", now.isoformat(), "--yes", agreed=False).code == 2
    assert "is in one Region" in operator.recover("failback").err
    parameter = environment.client("ssm").get_parameter(Name=environment.outputs["writes_parameter"])
    assert parameter["Parameter"]["Value"] == "open"
    assert not operator.directory.exists()


def test_the_ledger_is_backtracked_while_clients_pay_and_the_operator_is_cut_off(environment: OneRegion) -> None:
    load, operator = environment.load("backtrack"), environment.operator
    with load.going_on():
        load.wait_for_more(10)
        moment = whole_second()
        load.wait_for_more(10)
        backtrack = ("backtrack", "--to", moment.isoformat(), *QUICK)
        operator.killed_in("stop-writers", *backtrack, after=2)
        operator.killed_in("backtrack", *backtrack, after=1)
        ended = operator.recover("resume")
        assert [ended.step(name)["attempts"] for name in ("stop-writers", "backtrack")] == [2, 2]
        load.wait_for_more(5)
    check_span(environment, load, ended.report, moment)
    assert ended.report["refused_seconds"] > 0
    assert "is unfinished" not in operator.recover("list").err


def test_a_restored_ledger_takes_the_place_of_the_other(environment: OneRegion) -> None:
    load, operator = environment.load("restore"), environment.operator
    with load.going_on():
        load.wait_for_more(10)
        moment = whole_second()
        load.wait_for_more(10)
        restore = ("restore-database", "--to", moment.isoformat(), *QUICK)
        operator.killed_in("restore", *restore, after=1)
        operator.killed_in("step-aside", *restore, after=2)
        operator.killed_in("take-name", *restore, after=5)
        ended = operator.recover(*restore)
        load.wait_for_more(5)
    check_span(environment, load, ended.report, moment)
    changes = environment.deployment.terraform.plan().changes
    # The migrations are run once more, as the plan of the recovery said.
    assert {one.resource_type for one in changes if one.action != "update"} <= {"aws_lambda_invocation"}
    assert "aws_rds_cluster" not in {one.resource_type for one in changes if one.action == "replace"}
    discarded = operator.recover("discard", ended.report["id"])
    assert discarded.step("cluster")["result"]["snapshot"].endswith("-final")
    clusters = environment.client("rds").describe_db_clusters()["DBClusters"]
    assert [one["DBClusterIdentifier"] for one in clusters] == [environment.outputs["database_cluster_id"]]


def test_missing_sessions_come_back(environment: OneRegion) -> None:
    load, dynamodb = environment.load("sessions"), environment.client("dynamodb")
    table = environment.outputs["sessions_table_name"]
    with load.going_on():
        load.wait_for_more(5)
    lost = sorted(load.acknowledged)[:3]

    def session(payment_id: str) -> Any:
        return dynamodb.get_item(TableName=table, Key={"session_id": {"S": payment_id}}).get("Item")

    assert wait_until(lambda: all(session(id_) for id_ in lost), SECONDS)
    time.sleep(1)  # The table is restored as of the begin of a second.
    moment = whole_second()
    kept = [session(id_) for id_ in lost]
    for id_ in lost:
        dynamodb.delete_item(TableName=table, Key={"session_id": {"S": id_}})
    with environment.while_clients_pay("table"):
        ended = environment.operator.recover("restore-table", "--to", moment.isoformat(), "--yes", agreed=False)
    assert ended.step("copy")["result"]["copied"] >= len(lost)
    assert [session(id_) for id_ in lost] == kept
    assert [name for name in dynamodb.list_tables()["TableNames"] if name.startswith(table)] == [table]


def test_backups_of_the_ledger_and_of_the_sessions_are_restored(environment: OneRegion) -> None:
    backup, dynamodb, operator = environment.client("backup"), environment.client("dynamodb"), environment.operator
    table, vault = environment.outputs["sessions_table_name"], environment.outputs["backup_vault_name"]
    arns = [dynamodb.describe_table(TableName=table)["Table"]["TableArn"], environment.outputs["database_cluster_arn"]]
    role = environment.outputs["backup_role_arn"]
    points = [
        backup.start_backup_job(BackupVaultName=vault, ResourceArn=arn, IamRoleArn=role)["RecoveryPointArn"]
        for arn in arns
    ]

    def listed() -> set[str]:
        found = operator.recover("restore-backup", agreed=False).result
        return {point["arn"] for point in found if point["status"] == "COMPLETED"}

    assert wait_until(lambda: set(points) <= listed(), SECONDS)
    session = dynamodb.scan(TableName=table)["Items"][0]["session_id"]
    dynamodb.delete_item(TableName=table, Key={"session_id": session})
    payments = len(environment.payments())
    with environment.while_clients_pay("backup"):
        of_table = operator.recover("restore-backup", points[0].rpartition(":")[2], "--yes", agreed=False)
        of_cluster = operator.recover("restore-backup", points[1], "--beside", "--yes", agreed=False)
    assert sum(of_table.step("copy")["result"].values()) > 0
    assert of_cluster.step("check-restored")["result"]["balanced"] is True
    assert of_cluster.step("check-restored")["result"]["payments"] == payments
    assert operator.recover("discard", of_cluster.report["id"]).code == 0


def test_payments_of_the_bus_are_taken_once_more(environment: OneRegion) -> None:
    begin = datetime.now(UTC) - timedelta(seconds=5)
    detail = {
        "payment_id": "of-the-bus",
        "amount": "7.00",
        "currency": "EUR",
        "payer_account": "DE-PAYER-0001",
        "payee_account": "FR-PAYEE-0002",
    }
    entry = {
        "EventBusName": environment.outputs["event_bus_name"],
        "Source": SOURCE,
        "DetailType": DETAIL_TYPE,
        "Detail": json.dumps(detail),
    }
    assert environment.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    assert wait_until(lambda: "of-the-bus" in environment.payments(), SECONDS)
    end = datetime.now(UTC) + timedelta(seconds=5)
    period = ("--from", begin.isoformat(), "--to", end.isoformat())
    with environment.while_clients_pay("replay"):
        ended = environment.operator.recover("replay", *period, "--yes", agreed=False)
    assert ended.step("follow")["result"] == {"state": "COMPLETED"}
    assert "of-the-bus" in environment.payments()


def test_a_failover_within_the_region_leaves_a_healthy_writer_alone(environment: OneRegion) -> None:
    with environment.while_clients_pay("failover"):
        ended = environment.operator.recover("failover", "--yes", agreed=False)
    assert ended.step("follow")["result"]["ended_in"] == "Healthy"
    assert ended.step("verify")["result"]["ledger"]["balanced"] is True
