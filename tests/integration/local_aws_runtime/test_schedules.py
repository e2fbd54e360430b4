"""Schedules call their targets."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws

SOURCE = """
    import json

    def handler(event, context):
        print("got", json.dumps(event))
"""
REGION, ACCOUNT = "eu-central-1", "123456789012"


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS where schedules see a minute pass in a second."""
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LOCAL_AWS_SCHEDULE_SPEED", "60")
            aws = running.enter_context(LocalAws.started(tmp_path_factory.mktemp("schedules")))
        yield aws


@pytest.fixture
def soon(quick: LocalAws, connected: Any) -> Any:
    return connected(quick)


def role(cloud: Any, *actions: str, service: str = "scheduler.amazonaws.com") -> str:
    arn = str(cloud.role(*actions))
    trusted = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    cloud.client("iam").update_assume_role_policy(RoleName=arn.rpartition("/")[2], PolicyDocument=document)
    return arn


def schedule(cloud: Any, target_arn: str, role_arn: str, expression: str = "rate(1 minute)", **settings: Any) -> str:
    name, target = f"schedule-{uuid.uuid4().hex[:8]}", settings.pop("target", {})
    cloud.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": target_arn, "RoleArn": role_arn, **target},
        **settings,
    )
    return name


def received(function: Any) -> list[Any]:
    return [json.loads(line.removeprefix("got ")) for line in function.log() if line.startswith("got ")]


def test_a_rate_calls_an_alias_again_and_again_until_the_schedule_is_deleted(soon: Any, until: Any) -> None:
    function = soon.function(SOURCE, Publish=True)
    soon.client("lambda").create_alias(FunctionName=function.name, Name="live", FunctionVersion="1")
    name = schedule(
        soon, f"{function.arn}:live", role(soon, "lambda:InvokeFunction"), target={"Input": '{"task": "relay"}'}
    )
    assert until(lambda: len(received(function)) >= 3, 8)
    assert received(function)[0] == {"task": "relay"}
    soon.client("scheduler").delete_schedule(Name=name)
    time.sleep(1)
    count = len(received(function))
    time.sleep(2.5)
    assert len(received(function)) == count


def test_a_disabled_schedule_does_not_run_and_an_enabled_one_does(soon: Any, until: Any) -> None:
    function, allowed = soon.function(SOURCE), role(soon, "lambda:InvokeFunction")
    name = schedule(soon, function.arn, allowed, State="DISABLED")
    time.sleep(2.5)
    assert received(function) == []
    soon.client("scheduler").update_schedule(
        Name=name,
        ScheduleExpression="rate(1 minute)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": function.arn, "RoleArn": allowed},
        State="ENABLED",
    )
    assert until(lambda: received(function))
    assert received(function)[0] == {}


def test_a_cron_expression_runs_each_minute_it_names(soon: Any, until: Any) -> None:
    function = soon.function(SOURCE)
    at = {"Input": '"<aws.scheduler.scheduled-time>"'}
    schedule(soon, function.arn, role(soon, "lambda:InvokeFunction"), "cron(0/2 * * * ? *)", target=at)
    assert until(lambda: len(received(function)) >= 2, 10)
    minutes = [datetime.fromisoformat(moment).minute for moment in received(function)]
    assert all(minute % 2 == 0 for minute in minutes)


def test_a_single_time_comes_once_and_ends_the_schedule(cloud: Any, until: Any) -> None:
    function = cloud.function(SOURCE)
    at = f"at({datetime.now(UTC) + timedelta(seconds=3):%Y-%m-%dT%H:%M:%S})"
    name = schedule(cloud, function.arn, role(cloud, "lambda:InvokeFunction"), at, ActionAfterCompletion="DELETE")
    scheduler = cloud.client("scheduler")
    assert scheduler.get_schedule(Name=name)["ScheduleExpression"] == at
    assert until(lambda: received(function)) == [{}]
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException):
        scheduler.get_schedule(Name=name)


def test_a_schedule_ends_at_its_end(soon: Any) -> None:
    function = soon.function(SOURCE)
    past = datetime.now(UTC) - timedelta(minutes=1)
    schedule(soon, function.arn, role(soon, "lambda:InvokeFunction"), EndDate=past)
    time.sleep(2)
    assert received(function) == []


def test_a_role_that_may_not_call_the_target_ends_in_a_dead_letter(soon: Any) -> None:
    url, letters = soon.queue()
    function, unable = soon.function(SOURCE), role(soon, "sqs:SendMessage")
    target = {"Input": '{"task": "relay"}', "DeadLetterConfig": {"Arn": letters}}
    name = schedule(soon, function.arn, unable, target=target)
    letter = soon.message(url)
    attributes = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert json.loads(letter["Body"]) == {"task": "relay"}
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert attributes["SCHEDULE_ARN"] == f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{name}"
    assert attributes["TARGET_ARN"] == function.arn
    assert received(function) == []


def test_a_queue_is_a_target(soon: Any) -> None:
    url, arn = soon.queue()
    schedule(soon, arn, role(soon, "sqs:SendMessage"), target={"Input": "hello"})
    assert soon.message(url)["Body"] == "hello"


def test_schedules_that_cannot_run_are_refused(soon: Any) -> None:
    function = soon.function(SOURCE)
    for expression, trusted, reason in (
        ("rate(1 week)", role(soon), "Invalid Schedule Expression"),
        ("rate(1 minute)", role(soon, service="lambda.amazonaws.com"), "must allow AWS EventBridge Scheduler"),
    ):
        with pytest.raises(ClientError) as refused:
            schedule(soon, function.arn, trusted, expression)
        assert refused.value.response["Error"]["Code"] == "ValidationException"
        assert reason in refused.value.response["Error"]["Message"]


def test_without_speed_a_minute_is_a_minute(cloud: Any, until: Any) -> None:
    function = cloud.function(SOURCE)
    schedule(cloud, function.arn, role(cloud, "lambda:InvokeFunction"))
    assert until(lambda: received(function))
    time.sleep(2)
    assert len(received(function)) == 1
