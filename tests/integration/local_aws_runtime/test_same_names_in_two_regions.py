"""What has the same name in two Regions runs in each on its own: functions, queues, topics, schedules, workflows."""

import json
import uuid
from typing import Any

import pytest

ACCOUNT = "123456789012"
SOURCE = """
    import json
    import os

    def handler(event, context):
        print("got", json.dumps(event))
        return {"runs_in": os.environ["AWS_REGION"], "called_in": context.invoked_function_arn.split(":")[3]}
"""


def trusting(cloud: Any, service: str, *actions: str) -> str:
    """A role that a service may take."""
    role = str(cloud.role(*actions))
    trusted = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    cloud.client("iam").update_assume_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trusted]}),
    )
    return role


@pytest.fixture
def regions(cloud: Any) -> tuple[Any, Any]:
    return cloud, cloud.elsewhere


@pytest.fixture
def functions(regions: tuple[Any, Any]) -> list[Any]:
    """A function of the same name in each Region."""
    name, role = f"function-{uuid.uuid4().hex[:8]}", regions[0].role("logs:*", "sqs:*")
    return [cloud.function(SOURCE, FunctionName=name, Role=role) for cloud in regions]


def got(function: Any) -> list[Any]:
    return [json.loads(line.removeprefix("got ")) for line in function.log() if line.startswith("got ")]


def test_each_function_runs_in_its_region(functions: list[Any]) -> None:
    answers = [function.invoke({"n": number})["Payload"] for number, function in enumerate(functions)]
    assert answers == [{"runs_in": region, "called_in": region} for region in ("eu-central-1", "eu-west-1")]
    assert [got(function) for function in functions] == [[{"n": 0}], [{"n": 1}]]


def test_each_queue_calls_the_function_of_its_region(functions: list[Any], until: Any) -> None:
    name = f"queue-{uuid.uuid4().hex[:8]}"
    for function in functions:
        cloud = function.cloud
        sqs = cloud.client("sqs")
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:{cloud.region}:{ACCOUNT}:{name}"
        cloud.client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=function.arn)
        sqs.send_message(QueueUrl=url, MessageBody=cloud.region)
    for function in functions:
        (event,) = until(lambda function=function: got(function))
        (record,) = event["Records"]
        region = function.cloud.region
        assert (record["body"], record["awsRegion"]) == (region, region)
        assert record["eventSourceARN"] == f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"


def test_each_topic_reaches_the_queue_of_its_region(regions: tuple[Any, Any]) -> None:
    name, urls = f"topic-{uuid.uuid4().hex[:8]}", []
    for cloud in regions:
        sqs, sns = cloud.client("sqs"), cloud.client("sns")
        urls.append(sqs.create_queue(QueueName=name)["QueueUrl"])
        topic = sns.create_topic(Name=name)["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{cloud.region}:{ACCOUNT}:{name}")
    here, there = regions
    there.client("sns").publish(TopicArn=f"arn:aws:sns:{there.region}:{ACCOUNT}:{name}", Message="west")
    assert json.loads(there.message(urls[1])["Body"])["Message"] == "west"
    assert "Messages" not in here.client("sqs").receive_message(QueueUrl=urls[0])


def test_each_schedule_calls_the_function_of_its_region(functions: list[Any], until: Any) -> None:
    role = trusting(functions[0].cloud, "scheduler", "lambda:InvokeFunction")
    for function in functions:
        function.cloud.client("scheduler").create_schedule(
            Name=function.name,
            ScheduleExpression="at(2020-01-01T00:00:00)" if function is functions[0] else "rate(1 minute)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": function.arn, "RoleArn": role, "Input": json.dumps({"region": function.cloud.region})},
        )
    here, there = functions
    assert until(lambda: got(there), seconds=90)[0] == {"region": there.cloud.region}
    assert got(here) == []


def test_each_workflow_calls_the_function_of_its_region(functions: list[Any], until: Any) -> None:
    role = trusting(functions[0].cloud, "states", "lambda:InvokeFunction")
    machines = []
    for function in functions:
        client = function.cloud.client("stepfunctions")
        definition = {"StartAt": "Pay", "States": {"Pay": {"Type": "Task", "Resource": function.arn, "End": True}}}
        machine = client.create_state_machine(name=function.name, roleArn=role, definition=json.dumps(definition))
        machines.append((client, machine["stateMachineArn"], function.cloud.region))
    for client, machine, region in machines:
        run = client.start_execution(stateMachineArn=machine, name="one", input="{}")["executionArn"]
        ended = until(lambda client=client, run=run: _ended(client, run))
        assert (ended["status"], json.loads(ended["output"])) == (
            "SUCCEEDED",
            {"runs_in": region, "called_in": region},
        )


def _ended(client: Any, run: str) -> Any:
    described = client.describe_execution(executionArn=run)
    return described if described["status"] != "RUNNING" else None
