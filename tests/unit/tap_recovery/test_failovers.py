"""`tap recover failover`, `failback` and the approvals: state machines started, answered and followed."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from tap.account import Account
from tap.recovery import workflow
from tap.recovery.journal import Journal
from tests.unit.tap_recovery.conftest import REGION, SUFFIX, Tap, World
from tests.unit.tap_recovery.fake_workflows import FakeWorkflows
from tests.unit.tap_recovery.fakes import Crash

OTHER = "eu-central-1"
CONFIRMED = ("--confirm", SUFFIX, "--json")
RECOVERY = ("ExamineRegions", "RequestApproval", "Approved", "Fence", "Promote", "TakeRole", "Recovered")


@pytest.fixture
def workflows(world: World, monkeypatch: pytest.MonkeyPatch) -> FakeWorkflows:
    """The environment's state machines. The token of an approval is there from the beginning."""
    found = FakeWorkflows("payment-writer-failover-test", "payment-region-failover-test")
    plain = Account.client

    def client(account: Account, service: str, region: str | None = None) -> Any:
        return found if service == "stepfunctions" else plain(account, service, region)

    monkeypatch.setattr(Account, "client", client)
    monkeypatch.setattr(workflow, "POLL_SECONDS", 0)
    start = found.start_execution

    def started(**parameters: str) -> dict[str, str]:
        world.put_session(
            f"approval/recovery/{parameters['name']}", world.moment, task_token={"S": f"token-{parameters['name']}"}
        )
        return start(**parameters)

    monkeypatch.setattr(found, "start_execution", started)
    return found


@pytest.fixture
def two(world: World, workflows: FakeWorkflows) -> World:
    """Two Regions; the one that is asked is the secondary, and well."""
    workflows.script = RECOVERY
    world.function.variables |= {"OTHER_REGION": OTHER, "GLOBAL_CLUSTER_ID": "payment-global-test"}
    primary = {"primary": OTHER, "this": REGION, "other_reachable": True, "already_primary": False, "lag_seconds": 0}
    world.function.others["examine-regions"] = lambda _: {
        **primary,
        "already_primary": any("Recovered" in one["entered"] for one in workflows.executions.values()),
    }
    world.function.others["check-dns"] = lambda _: {"leads_here": True}
    arn = world.rds.clusters["payment-cluster-test"]["DBClusterArn"]
    world.rds.members = [{"DBClusterArn": arn, "IsWriter": False}, {"DBClusterArn": "other", "IsWriter": True}]
    for key, value in {"events/bus": "payment-events-test", "sessions/table": "payment-sessions-test"}.items():
        boto3.client("ssm", region_name=OTHER).put_parameter(
            Name=f"/payment/{SUFFIX}/{key}", Value=value, Type="String"
        )
    return world


def test_a_lost_writer_is_failed_over(workflows: FakeWorkflows, tap: Tap) -> None:
    workflows.script = ("ExamineCluster", "FailOverWriter", "AwaitWriter", "CheckService", "Recovered")
    ended = tap("failover", "--yes", "--json")
    assert ended.code == 0, ended.err
    assert ended.json["steps"][1]["result"]["states"] == list(workflows.script)
    assert "    FailOverWriter" in ended.err


def test_a_failover_that_failed_is_started_anew(workflows: FakeWorkflows, tap: Tap) -> None:
    workflows.script, workflows.failure = ("ExamineCluster", "FailOverWriter", "Failed"), "WriterNotReadyError"
    failed = tap("failover", "--yes", "--json")
    assert (failed.code, "WriterNotReadyError it is so" in failed.err) == (1, True)
    assert failed.json["go_on"] == [f"see to the cause, then start it anew: `tap recover failover --region {REGION}`"]
    workflows.failure, workflows.script = None, ("ExamineCluster", "Healthy")
    assert tap("failover", "--yes", "--json").code == 0
    assert len(workflows.executions) == 2


def test_the_other_region_takes_over_once_the_suffix_is_typed(two: World, workflows: FakeWorkflows, tap: Tap) -> None:
    assert tap("failover", "--region", REGION, "--yes").code == 2
    ended = tap("failover", "--region", REGION, *CONFIRMED)
    assert ended.code == 0, ended.err
    (name,) = workflows.executions
    assert '"mode": "switchover"' in workflows.executions[name]["input"]
    assert [(one["token"], one["approved"]) for one in workflows.answers] == [(f"token-{name}", True)]
    assert ended.json["steps"][-1]["result"]["dns"] == {"leads_here": True}
    workflows.script = ("ExamineCluster", "Healthy")
    workflows.executions.clear()
    two.function.others["examine-regions"] = lambda _: {"primary": REGION, "this": REGION, "already_primary": True}
    again = tap("failover", "--region", REGION, *CONFIRMED)
    # It is the primary now, so that its writer is what fails over.
    assert (again.code, again.json["title"]) == (0, f"Fail the writer of {SUFFIX} over within {REGION}")
    assert two.writes() == "open"


@pytest.mark.parametrize("step", ["start", "approve", "follow", "verify"])
def test_a_region_failover_is_resumed(
    two: World, workflows: FakeWorkflows, tap: Tap, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    kept = Journal.perform

    def killed(journal: Journal, name: str, action: Any) -> None:
        def act() -> Any:
            action()
            raise Crash

        kept(journal, name, act if name == step else action)

    monkeypatch.setattr(Journal, "perform", killed)
    with pytest.raises(Crash):
        tap("failover", "--region", REGION, *CONFIRMED)
    monkeypatch.setattr(Journal, "perform", kept)
    ended = tap("resume", *CONFIRMED)
    assert ended.code == 0, ended.err
    assert len(workflows.executions) == 1
    assert len(workflows.answers) == 1
    assert two.function.variables["OTHER_REGION"] == OTHER


def test_a_lost_region_needs_the_word_for_it(two: World, workflows: FakeWorkflows, tap: Tap) -> None:
    two.function.others["examine-regions"] = lambda _: {
        "primary": OTHER,
        "this": REGION,
        "other_reachable": False,
        "already_primary": any("Recovered" in one["entered"] for one in workflows.executions.values()),
    }
    refused = tap("failover", "--region", REGION, *CONFIRMED)
    assert (refused.code, "--allow-data-loss" in refused.err, workflows.executions) == (1, True, {})
    ended = tap("failover", "--region", REGION, "--allow-data-loss", *CONFIRMED)
    assert ended.code == 0, ended.err
    assert '"mode": "failover"' in next(iter(workflows.executions.values()))["input"]


@pytest.mark.parametrize(
    ("members", "status", "said"),
    [
        ([], "available", "does not follow payment-global-test"),
        (None, "creating", "is creating: wait until it is available"),
    ],
)
def test_the_way_back_needs_a_healthy_secondary(
    two: World, workflows: FakeWorkflows, tap: Tap, members: list[Any] | None, status: str, said: str
) -> None:
    two.rds.members = two.rds.members if members is None else members
    two.rds.clusters["payment-cluster-test"]["Status"] = status
    ended = tap("failback", *CONFIRMED)
    assert (ended.code, said in ended.err, workflows.executions) == (1, True, {})


def test_failback_goes_to_the_home_region(two: World, workflows: FakeWorkflows, tap: Tap) -> None:
    two.function.tags["HomeRegion"] = REGION
    ended = tap("failback", *CONFIRMED)
    assert ended.code == 0, ended.err
    assert ended.json["title"] == f"Go back to {REGION}, the home Region of {SUFFIX}, losing nothing"
    assert len(workflows.answers) == 1


@pytest.mark.usefixtures("two")
def test_what_an_alarm_started_is_listed_and_refused(workflows: FakeWorkflows, tap: Tap) -> None:
    workflows.start_execution(name="by-alarm", input='{"mode": "failover", "requested_by": "alarm"}')
    (listed, *_) = tap("approvals", "--json").json
    assert (listed["execution"], listed["mode"], listed["requested_by"]) == ("by-alarm", "failover", "alarm")
    assert listed["waits_for_a_person"] is True
    busy = tap("failover", "--region", REGION, *CONFIRMED)
    assert (busy.code, "tap recover approve by-alarm" in busy.err) == (1, True)
    workflows.describe_execution(executionArn="arn:by-alarm")
    assert tap("approve", "by-alarm").code == 2
    refused = tap("refuse", "by-alarm", "--approver", "ada", "--json")
    assert refused.code == 0, refused.err
    assert workflows.answers == [{"token": "token-by-alarm", "approved": False, "approver": "ada"}]
    again = tap("approve", "by-alarm", *CONFIRMED)
    assert (again.code, "was decided already" in again.err) == (1, True)
    unknown = tap("refuse", "unknown")
    assert (unknown.code, "waits for no approval" in unknown.err) == (1, True)


def test_environments_without_the_state_machine_are_told_to_be_deployed(
    world: World, workflows: FakeWorkflows, tap: Tap
) -> None:
    workflows.names = ()
    ended = tap("failover", "--yes")
    assert (ended.code, "has no state machine payment-writer-failover-test" in ended.err) == (3, True)
    assert "is in one Region" in tap("failback", *CONFIRMED).err
    assert tap("failover", "--allow-data-loss", "--yes").code == 2
    assert world.writes() == "open"
