"""Asynchronous invocations are retried, and kept where they are sent when all attempts have failed."""

import json
from typing import Any

import pytest

COUNT = """
    import json

    def handler(event, context):
        print("attempt", context.aws_request_id)
        if event.get("fail"):
            raise RuntimeError("never works")
        return {"did": event}
"""


def attempts(function: Any) -> list[str]:
    return [line for line in function.log() if line.startswith("attempt")]


def test_an_event_is_accepted_at_once_and_run(cloud: Any, until: Any) -> None:
    function = cloud.function(COUNT)
    answer = function.invoke({"a": 1}, InvocationType="Event")
    assert (answer["StatusCode"], answer["Payload"]) == (202, None)
    assert until(lambda: len(attempts(function)) == 1)


def test_a_failing_event_is_tried_three_times_and_dead_lettered(cloud: Any) -> None:
    url, arn = cloud.queue()
    function = cloud.function(COUNT, DeadLetterConfig={"TargetArn": arn})
    function.invoke({"fail": True}, InvocationType="Event")
    letter = cloud.message(url)
    assert json.loads(letter["Body"]) == {"fail": True}
    values = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert (values["ErrorCode"], values["ErrorMessage"]) == ("200", "never works")
    assert attempts(function) == [f"attempt {values['RequestID']}"] * 3


@pytest.mark.parametrize("retries", [0, 1])
def test_retries_and_destination_are_those_of_the_event_invoke_configuration(cloud: Any, retries: int) -> None:
    url, arn = cloud.queue()
    function = cloud.function(COUNT)
    cloud.client("lambda").put_function_event_invoke_config(
        FunctionName=function.name,
        MaximumRetryAttempts=retries,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    function.invoke({"fail": True}, InvocationType="Event")
    record = json.loads(cloud.message(url)["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == retries + 1
    assert record["requestPayload"] == {"fail": True}
    assert record["responsePayload"]["errorMessage"] == "never works"
    assert len(attempts(function)) == retries + 1


def test_a_success_goes_to_its_destination(cloud: Any) -> None:
    url, arn = cloud.queue()
    function = cloud.function(COUNT)
    cloud.client("lambda").put_function_event_invoke_config(
        FunctionName=function.name, DestinationConfig={"OnSuccess": {"Destination": arn}}
    )
    function.invoke({"a": 1}, InvocationType="Event")
    record = json.loads(cloud.message(url)["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert record["responsePayload"] == {"did": {"a": 1}}


def test_no_dead_letter_once_the_role_has_lost_its_permission(cloud: Any, until: Any) -> None:
    url, arn = cloud.queue()
    role = cloud.role("logs:*", "sqs:SendMessage")
    function = cloud.function(COUNT, Role=role, DeadLetterConfig={"TargetArn": arn})
    cloud.allow(role, "logs:*")
    function.invoke({"fail": True}, InvocationType="Event")
    assert until(lambda: len(attempts(function)) == 3)
    received = cloud.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1)
    assert "Messages" not in received


def test_a_function_that_may_not_run_at_all_dead_letters_at_once(cloud: Any) -> None:
    url, arn = cloud.queue()
    function = cloud.function(COUNT, DeadLetterConfig={"TargetArn": arn})
    cloud.client("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    function.invoke({"a": 1}, InvocationType="Event")
    assert cloud.message(url)["MessageAttributes"]["ErrorCode"]["StringValue"] == "429"
    assert attempts(function) == []
