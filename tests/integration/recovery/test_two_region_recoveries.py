"""Failover to the other Region and back, while clients pay: refused, approved, cut off, resumed.

In this order: each goes on with what the one before it left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from local_aws.demo.payments import wait_until
from local_aws.server import LocalAws
from tap.deployment import Deployment
from tests.integration.recovery.two_regions import PRIMARY, SECONDARY, TwoRegions

SUFFIX = "rec-2"
# Waits of state machines are so much shorter: 7 s for payments to end, instead of 35.
WAIT_SPEED = "5"
SECONDS = 60


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoRegions]:
    """DisasterRecoveryStack on a local AWS of its own; both are gone afterwards, whatever happened."""
    directory = tmp_path_factory.mktemp("recovery")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCAL_AWS_WAIT_SPEED", WAIT_SPEED)
        with LocalAws.started(directory / "local_aws") as aws:
            variables = {
                **aws.environment(),
                "ARCHITECTURE": "multi-region",
                "ENVIRONMENT_SUFFIX": SUFFIX,
                "AWS_REGION": PRIMARY,
                "SECONDARY_REGION": SECONDARY,
            }
            deployment = Deployment(directory, variables)
            deployment.synthesize()
            deployment.terraform.init()
            deployment.terraform.apply(deployment.terraform.plan())
            yield TwoRegions(deployment, aws, variables, directory)


def test_what_an_alarm_started_is_refused_and_touches_nothing(environment: TwoRegions) -> None:
    workflows, operator = environment.client(SECONDARY, "stepfunctions"), environment.operator
    machine = environment.outputs[SECONDARY]["region_failover_state_machine_arn"]
    given = json.dumps({"mode": "failover", "requested_by": "an alarm"})
    execution = workflows.start_execution(stateMachineArn=machine, name="by-alarm", input=given)["executionArn"]

    def waits() -> bool:
        return [one["waits_for_a_person"] for one in operator.recover("approvals", agreed=False).result] == [True]

    assert wait_until(waits, SECONDS)
    busy = operator.recover("failover", "--region", SECONDARY)
    assert "tap recover approve by-alarm" in busy.err
    refused = operator.recover("refuse", "by-alarm", "--approver", "ada", agreed=False)
    assert (refused.code, refused.result["region"]) == (0, SECONDARY)

    def ended() -> bool:
        return bool(workflows.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")

    assert wait_until(ended, SECONDS)
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in workflows.get_execution_history(executionArn=execution)["events"]
        if "stateEnteredEventDetails" in event
    ]
    assert entered[-1] == "NotApproved"
    assert "Fence" not in entered
    assert environment.roles() == ("primary", "secondary")
    assert "is the primary Region already" in operator.recover("failback").err


def test_the_other_region_takes_over_without_loss(environment: TwoRegions) -> None:
    load, operator = environment.load("away"), environment.operator
    with load.going_on():
        load.wait_for_more(10)
        operator.killed_in("approve", "failover", "--region", SECONDARY)
        operator.killed_in("follow", "failover", "--region", SECONDARY, after=3)
        ended = operator.recover("resume")
        load.wait_for_more(10)
    assert ended.step("follow")["result"]["ended_in"] == "Recovered"
    assert ended.step("verify")["result"]["regions"]["primary"] == SECONDARY
    assert environment.roles() == ("secondary", "primary")
    assert load.acknowledged.keys() <= environment.payments(SECONDARY)


def test_the_way_back_loses_nothing_either(environment: TwoRegions) -> None:
    load, operator = environment.load("back"), environment.operator
    with load.going_on():
        load.wait_for_more(10)
        ended = operator.recover("failback")
        load.wait_for_more(10)
    assert ended.step("verify")["result"]["regions"]["primary"] == PRIMARY
    assert environment.roles() == ("primary", "secondary")
    assert load.acknowledged.keys() <= environment.payments(PRIMARY)
    assert environment.deployment.terraform.plan().empty
