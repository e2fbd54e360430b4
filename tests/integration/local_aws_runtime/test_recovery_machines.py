"""Failovers of the writer and of a Region, executed on the local AWS: by hand and by an alarm, approved and not."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from lib.recovery.alarm_trigger import AlarmTrigger
from local_aws.server import LocalAws
from tests.unit.region_stack import synthesized_in_region
from tests.unit.stacks import arguments

from .approval_machine import role
from .conftest import ACCOUNT, REGION
from .recovery_machine import Recovery

FAST = 50
LOST = {"status": "available", "writer": "instance-0", "writer_answers": False}
MOVED = {"status": "available", "writer": "instance-1", "writer_answers": True}
LEDGER = {"payments": 7, "newest": "2026-01-01T00:00:00Z", "outbox_waiting": 0}
WRITER: dict[str, Any] = {
    "examine-cluster": [LOST, MOVED],
    "await-writer": ["WriterNotReadyError", "WriterNotReadyError", {}],
    "check-service": ["ServiceUnhealthyError", {}],
    "check-ledger": [LEDGER],
}
REGIONS: dict[str, Any] = {
    "primary": "us-east-1",
    "this": "us-west-2",
    "other_reachable": True,
    "already_primary": False,
    "lag_seconds": 0.2,
}
ALONE = {**REGIONS, "other_reachable": False, "lag_seconds": None}
FAILOVER: dict[str, Any] = {
    "examine-regions": [REGIONS],
    "fence": [{"fenced": True, "wait_seconds": 35}],
    "await-promotion": ["PromotionPendingError", {}],
    "check-ledger": [LEDGER],
    "check-dns": ["DnsNotMovedError", {}],
}
PROMOTION = ["examine-regions", "request-approval", "fence", "promote", "await-promotion"]
TAKEN = ["take-role", "check-service", "check-ledger", "move-dns", "check-dns"]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS whose state machines wait a fiftieth of the time."""
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LOCAL_AWS_WAIT_SPEED", str(FAST))
            started = running.enter_context(LocalAws.started(tmp_path_factory.mktemp("recoveries")))
        yield started


@pytest.fixture
def fast(aws: LocalAws, connected: Any) -> Any:
    return connected(aws)


def test_the_writer_is_replaced_left_alone_or_told_to_be_lost(fast: Any, until: Any) -> None:
    lost = Recovery(fast, "writer", WRITER).start()
    well = Recovery(fast, "writer", {"examine-cluster": [MOVED]}).start()
    unwell = Recovery(fast, "writer", {**WRITER, "examine-cluster": [MOVED], "check-service": ["KeyError", {}]}).start()
    unbalanced = Recovery(fast, "writer", {**WRITER, "check-ledger": ["LedgerUnbalancedError"]}).start()
    stuck = Recovery(fast, "writer", {**WRITER, "fail-over-writer": ["NoReaderError"]}).start()
    refused = Recovery(fast, "writer", {}).start(requested_by=None)
    assert lost.end(until) == "Recovered"
    moving = ["examine-cluster", "fail-over-writer", "await-writer", "check-service", "check-ledger"]
    assert lost.tasks() == [*moving, "examine-cluster"]
    assert lost.subjects() == ["done"]
    assert (well.end(until), well.tasks(), well.subjects()) == ("Healthy", ["examine-cluster", "check-service"], [])
    assert (unwell.end(until), unwell.tasks()[1:3]) == ("Recovered", ["check-service", "fail-over-writer"])
    assert (unbalanced.end(until), unbalanced.tasks()) == ("LedgerUnbalancedError", moving)
    assert unbalanced.subjects() == ["failed"]
    assert (stuck.end(until), stuck.tasks()) == ("NoReaderError", moving[:2])
    assert (refused.end(until), refused.tasks()) == ("InputRefused", [])


def test_a_region_takes_over_once_a_person_approves(fast: Any, until: Any) -> None:
    switchover = Recovery(fast, "region", FAILOVER).start(mode="switchover")
    alone = {**FAILOVER, "examine-regions": [ALONE], "fence": [{"fenced": False, "wait_seconds": 90}]}
    failover = Recovery(fast, "region", alone).start(mode="failover")
    promoted = [REGIONS, {**REGIONS, "primary": "us-west-2"}]
    late = Recovery(fast, "region", {**FAILOVER, "examine-regions": promoted, "promote": ["KeyError"]})
    late.start(mode="switchover")
    for recovery in (switchover, failover, late):
        recovery.answer(until, approved=True, approver="Ada")
    for recovery in (switchover, failover):
        assert recovery.end(until) == "Recovered"
        assert recovery.tasks() == [*PROMOTION, *TAKEN]
        assert recovery.subjects() == ["done", "waits for approval"]
    assert late.end(until) == "Recovered"
    assert late.tasks() == [*PROMOTION[:4], "examine-regions", *TAKEN]


def test_nothing_is_touched_without_a_clear_approval(fast: Any, until: Any) -> None:
    refused = Recovery(fast, "region", FAILOVER).start(mode="failover")
    ignored = Recovery(fast, "region", FAILOVER, RequestApproval=FAST).start(mode="failover")
    unreachable = Recovery(fast, "region", {"examine-regions": [ALONE]}).start(mode="switchover")
    leading = Recovery(fast, "region", {"examine-regions": [{**REGIONS, "already_primary": True}]})
    leading.start(mode="switchover")
    unknown = Recovery(fast, "region", FAILOVER).start(mode="failback")
    refused.answer(until, approved=False, approver="Ada")
    assert (refused.end(until), refused.tasks()) == ("NotApproved", PROMOTION[:2])
    assert refused.subjects() == ["not approved", "waits for approval"]
    assert (ignored.end(until), ignored.tasks()) == ("ApprovalTimedOut", PROMOTION[:2])
    assert ignored.subjects() == ["nobody approved in time", "waits for approval"]
    assert (unreachable.end(until), unreachable.subjects()) == ("OtherRegionUnreachable", ["refused"])
    assert (leading.end(until), leading.subjects()) == ("AlreadyPrimary", [])
    assert (unknown.end(until), unknown.tasks()) == ("InputRefused", [])


def test_where_the_promotion_fails_the_other_region_takes_payments_again(fast: Any, until: Any) -> None:
    failing = {
        "fence": Recovery(fast, "region", {**FAILOVER, "fence": ["FenceError"]}),
        "promote": Recovery(fast, "region", {**FAILOVER, "promote": ["KeyError"], "unfence": ["FenceError"]}),
    }
    blind = Recovery(fast, "region", {**FAILOVER, "examine-regions": [REGIONS, "KeyError"], "promote": ["FenceError"]})
    homeless = Recovery(fast, "region", {**FAILOVER, "take-role": [{}], "check-ledger": ["LedgerUnbalancedError"]})
    for recovery in (*failing.values(), blind, homeless):
        recovery.start(mode="switchover")
    for recovery in (*failing.values(), blind, homeless):
        recovery.answer(until, approved=True, approver="Ada")
    for task, recovery in failing.items():
        assert recovery.end(until) == {"fence": "FenceError", "promote": "KeyError"}[task]
        assert recovery.tasks() == [*PROMOTION[: PROMOTION.index(task) + 1], "examine-regions", "unfence"]
        assert recovery.subjects() == ["failed", "waits for approval"]
    assert (blind.end(until), blind.tasks()[-1]) == ("FenceError", "examine-regions")
    assert (homeless.end(until), homeless.tasks()) == ("LedgerUnbalancedError", [*PROMOTION, *TAKEN[:3]])


def test_an_alarm_starts_a_failover_once_it_goes_from_ok_to_alarm(fast: Any, until: Any) -> None:
    recovery = Recovery(fast, "region", {"examine-regions": [{**REGIONS, "already_primary": True}]})
    alarm = _connect(fast, recovery.arn)
    cloudwatch = fast.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        Namespace="Payments",
        MetricName="LedgerUnavailable",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="it has only just been made")
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="it measures")
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a drill")
    assert recovery.end(until) == "AlreadyPrimary"
    assert recovery.given() == {"mode": "failover", "requested_by": f"alarm {alarm}"}


def _connect(cloud: Any, machine: str) -> str:
    """Make the rule and the target as a stack has them; return the alarm's name."""
    given = {"mode": "failover"}
    document = synthesized_in_region(
        lambda region: AlarmTrigger(region, "trigger", alarm="a", machine_arn=machine, start_access=[], given=given),
        aws_region=REGION,
    )
    rule = arguments(document, "aws_cloudwatch_event_rule.trigger_rule")
    transformer = arguments(document, "aws_cloudwatch_event_target.trigger_target")["input_transformer"]
    pattern = rule["event_pattern"].replace("${data.aws_caller_identity.account.account_id}", ACCOUNT)
    starter = role(cloud, "states:StartExecution")
    trusted = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    cloud.client("iam").update_assume_role_policy(
        RoleName=starter.rpartition("/")[2],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trusted]}),
    )
    events = cloud.client("events")
    events.put_rule(Name=rule["name"], EventPattern=pattern)
    target = {
        "Id": "recovery",
        "Arn": machine,
        "RoleArn": starter,
        "InputTransformer": {
            "InputPathsMap": transformer["input_paths"],
            "InputTemplate": transformer["input_template"],
        },
    }
    assert events.put_targets(Rule=rule["name"], Targets=[target])["FailedEntryCount"] == 0
    return str(json.loads(pattern)["resources"][0].rpartition(":alarm:")[2])
