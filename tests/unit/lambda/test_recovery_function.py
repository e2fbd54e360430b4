"""The recovery function as state machines and operators call it, with a real ledger."""

import json
from collections.abc import Callable, Iterator
from typing import Any, cast
from unittest.mock import Mock

import pytest

import payment_recovery
from payments.engines import AURORA_MYSQL, AURORA_POSTGRESQL
from payments.environment import EnvironmentVariableError
from payments.ledger import Ledger
from payments.observability import metrics
from payments.region_role import Role
from payments.tasks import UnknownTaskError
from recovery import aws
from recovery.environment import RecoveryEnvironment
from recovery.inputs import TaskInputError
from recovery.ledger_check import LedgerUnbalancedError
from recovery.service_check import ServiceUnhealthyError
from tests.unit.payment_system.ledger_server import READER, LedgerServer
from tests.unit.payment_system.payment_account import ROLE_PARAMETER, WRITES_PARAMETER, PaymentAccount
from tests.unit.payment_system.sample_payments import record, valid_payment

Ask = Callable[..., dict[str, Any]]
Output = Callable[[], list[dict[str, Any]]]

TWO_REGIONS = {
    "REGION_ROLE_PARAMETER": ROLE_PARAMETER,
    "DB_READER_ENDPOINT": READER,
    "GLOBAL_CLUSTER_ID": "payment-global-test",
    "OTHER_REGION": "eu-central-1",
    "DEPLOYED_ROLE": "secondary",
    "PRIMARY_HEALTH_CHECK_ID": "check",
}


@pytest.fixture
def recovery(deployment: PaymentAccount, monkeypatch: pytest.MonkeyPatch) -> Iterator[PaymentAccount]:
    """The function's new process, in an environment whose writers are stopped."""
    monkeypatch.setenv("CLUSTER_ID", "payment-test")
    monkeypatch.setenv("WRITES_PARAMETER", WRITES_PARAMETER)
    deployment.set_writes("stopped")
    forget_process_state()
    yield deployment
    payment_recovery.composition().close()
    forget_process_state()


@pytest.fixture
def in_two_regions(recovery: PaymentAccount, monkeypatch: pytest.MonkeyPatch) -> PaymentAccount:
    """The same in the secondary of two Regions."""
    for name, value in TWO_REGIONS.items():
        monkeypatch.setenv(name, value)
    recovery.set_role("secondary")
    return recovery


def forget_process_state() -> None:
    payment_recovery.composition.cache_clear()
    payment_recovery.tasks.cache_clear()
    metrics.clear_metrics()


@pytest.fixture
def ask() -> Ask:
    context = Mock(function_name="payment-recovery-test", memory_limit_in_mb=512, aws_request_id="1")
    context.invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:payment-recovery-test"

    def ask(task: object, **parameters: object) -> dict[str, Any]:
        return payment_recovery.handler({"task": task, **parameters}, cast("Any", context))

    return ask


@pytest.mark.usefixtures("recovery")
@pytest.mark.parametrize("engine", [AURORA_MYSQL, AURORA_POSTGRESQL], indirect=True)
def test_ledger_is_examined_and_its_outbox_drained_while_writers_are_stopped(
    ask: Ask, ledger: Ledger, ledger_rows: LedgerServer, deployment: PaymentAccount
) -> None:
    record(ledger, valid_payment("pay-1"))
    ledger_rows.let_time_pass(seconds=60)
    since = "2026-01-01T00:00:00"
    assert ask("check-ledger", strict=True)["outbox_waiting"] == 1
    assert [one["payment_id"] for one in ask("witness", since=since)["payments"]] == ["pay-1"]
    assert [one["published"] for one in ask("outbox-events", since=since)["events"]] == [False]
    assert ask("find-payments", payment_ids=["pay-1", "pay-2"])["payments"].keys() == {"pay-1"}
    assert ask("drain-outbox") == {"published": 1, "left": 0}
    assert len(deployment.published()) == 1
    assert ask("check-service") == {"healthy": True, "role": None, "writes": "stopped"}


@pytest.mark.usefixtures("recovery")
def test_ledger_that_is_not_balanced_is_an_error_only_when_strict(
    ask: Ask, ledger: Ledger, ledger_rows: LedgerServer
) -> None:
    record(ledger, valid_payment("pay-1"))
    ledger_rows.execute("DELETE FROM ledger_entries")
    assert ask("check-ledger")["balanced"] is False
    with pytest.raises(LedgerUnbalancedError, match="pay-1"):
        ask("check-ledger", strict=True)


@pytest.mark.usefixtures("recovery")
def test_another_ledger_is_checked_at_its_endpoint(ask: Ask, ledger: Ledger, connections: list[str]) -> None:
    record(ledger, valid_payment("pay-1"))
    connections.clear()
    assert ask("check-ledger", endpoint=READER)["payments"] == 1
    assert connections == [READER]
    with pytest.raises(TaskInputError, match="endpoint is ''"):
        ask("check-ledger", endpoint="")


def test_service_that_is_ill_is_an_error(ask: Ask, recovery: PaymentAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALTH_URL", "https://api.example.test/health")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    recovery.ssm.delete_parameter(Name="/payment/test/payments/amount_limit")
    with pytest.raises(ServiceUnhealthyError, match="does not answer: configuration, api"):
        ask("check-service")


def test_token_of_an_approval_is_kept_and_not_logged(ask: Ask, recovery: PaymentAccount, output: Output) -> None:
    assert ask("request-approval", execution="run-1", task_token="secret-token", summary="a failover") == {
        "execution": "run-1"
    }
    (item,) = recovery.items()
    assert (item["session_id"], item["task_token"]) == ({"S": "approval/recovery/run-1"}, {"S": "secret-token"})
    lines = output()
    assert {"run-1"} == {line["execution"] for line in lines if "execution" in line}
    assert "secret-token" not in json.dumps(lines)
    with pytest.raises(TaskInputError, match="task_token is missing"):
        ask("request-approval", execution="run-1")


def test_writer_of_the_cluster_is_examined_and_asked(
    ask: Ask, recovery: PaymentAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert recovery
    rds = Mock()
    rds.describe_db_clusters.return_value = {
        "DBClusters": [
            {
                "DBClusterArn": "arn:aws:rds:eu-west-1:123456789012:cluster:payment-test",
                "Status": "available",
                "DBClusterMembers": [{"DBInstanceIdentifier": "one", "IsClusterWriter": True}],
            }
        ]
    }
    monkeypatch.setattr(aws, "client", lambda service, region: {("rds", "eu-west-1"): rds}[service, region])
    assert ask("examine-cluster") == {
        "status": "available",
        "writer": "one",
        "readers": [],
        "writer_answers": True,
    }
    assert ask("fail-over-writer", from_writer="two")["requested"] is False
    assert ask("await-writer", from_writer="two") == {"writer": "one"}


def test_two_regions_have_their_tasks_and_one_has_not(
    ask: Ask, in_two_regions: PaymentAccount, ledger: Ledger, connections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record(ledger, valid_payment("pay-1"))
    connections.clear()
    assert ask("check-ledger")["payments"] == 1
    assert connections == [READER]
    service = ask("check-service")
    assert service == {"healthy": True, "role": "secondary", "writes": "stopped"}
    made: dict[tuple[str, str], Mock] = {}

    def client(service: str, region: str) -> Mock:
        return made.setdefault((service, region), Mock())

    forget_process_state()
    monkeypatch.setattr(aws, "client", client)
    assert ask("unfence") == {"unfenced": True}
    made["ssm", "eu-central-1"].put_parameter.assert_called_once()
    assert ("ssm", "eu-west-1") in made
    assert in_two_regions


@pytest.mark.usefixtures("recovery")
@pytest.mark.parametrize("task", ["fence", "charge"])
def test_task_that_there_is_not_is_named(ask: Ask, task: str) -> None:
    with pytest.raises(UnknownTaskError, match=f"'{task}' is none of check-ledger, "):
        ask(task)
    with pytest.raises(TaskInputError, match="task is 7"):
        ask(7)


@pytest.mark.usefixtures("recovery")
@pytest.mark.parametrize(
    ("since", "message"), [(None, "since is missing"), ("yesterday", "since is 'yesterday'; a moment in ISO 8601")]
)
def test_moment_that_cannot_be_read_is_named(ask: Ask, since: str | None, message: str) -> None:
    with pytest.raises(TaskInputError, match=message):
        ask("witness", since=since)


def test_moments_have_a_time_zone_or_are_in_utc(ask: Ask, recovery: PaymentAccount, ledger: Ledger) -> None:
    assert recovery
    record(ledger, valid_payment("pay-1"))
    recorded = ask("witness", since="2026-01-01T00:00:00+02:00")["payments"][0]["recorded_at"]
    assert ask("witness", since=recorded)["payments"]
    assert ask("witness", since=recorded.removesuffix("Z"))["payments"]


def test_variables_of_two_regions_are_read(variables: dict[str, str]) -> None:
    given = {**variables, **TWO_REGIONS, "CLUSTER_ID": "payment-test", "HEALTH_URL": "https://api.test/health"}
    read = RecoveryEnvironment.from_variables(given)
    assert (read.cluster_id, read.health_url, read.endpoint_url) == ("payment-test", "https://api.test/health", None)
    assert read.other is not None
    assert (read.other.region, read.other.global_cluster_id) == ("eu-central-1", "payment-global-test")
    assert (read.other.deployed_role, read.other.primary_health_check_id) == (Role.SECONDARY, "check")
    assert RecoveryEnvironment.from_variables({**variables, "CLUSTER_ID": "payment-test"}).other is None


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("CLUSTER_ID", "", "CLUSTER_ID is not set"),
        ("OTHER_REGION", "", "OTHER_REGION is not set"),
        ("DEPLOYED_ROLE", "leader", "DEPLOYED_ROLE is 'leader'; primary or secondary is expected"),
        ("REGION_ROLE_PARAMETER", "", "REGION_ROLE_PARAMETER is not set; two Regions have roles"),
    ],
)
def test_variable_that_is_missing_or_wrong_is_named(
    variables: dict[str, str], name: str, value: str, message: str
) -> None:
    given = {**variables, **TWO_REGIONS, "CLUSTER_ID": "payment-test", name: value}
    with pytest.raises(EnvironmentVariableError, match=message):
        RecoveryEnvironment.from_variables(given)
