"""Decisions reach a workflow that Step Functions really executes, in the shape that it expects."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from boto3 import Session

from local_aws.server import LocalAws
from tap.account import Account
from tap.approvals import ApprovalError, Approvals
from tap.environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_iam.client import IAMClient
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_ssm.client import SSMClient
    from mypy_boto3_stepfunctions.client import SFNClient

SUFFIX = "hand-made"
TABLE = f"payment-sessions-{SUFFIX}"
SECONDS = 30.0


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """An environment of what approvals need: table, parameters, and a workflow that asks through a queue."""
    with LocalAws.started(Path(tmp_path_factory.mktemp("local_aws"))) as aws:
        variables = aws.environment()
        session = Session(
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            region_name="eu-west-1",
        )
        found = Environment(SUFFIX, Account(session, endpoint_url=aws.endpoint_url))
        _make(found)
        yield found


def _make(environment: Environment) -> None:
    ssm: SSMClient = environment.client("ssm")
    for name, value in (("sessions/table", TABLE), ("events/bus", f"payment-events-{SUFFIX}")):
        ssm.put_parameter(Name=f"/payment/{SUFFIX}/{name}", Value=value, Type="String")
    dynamodb: DynamoDBClient = environment.client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    sqs: SQSClient = environment.client("sqs")
    queue = sqs.create_queue(QueueName="asked")["QueueUrl"]
    iam: IAMClient = environment.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = iam.create_role(RoleName="approval", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:asked"}
    policy = {"Version": "2012-10-17", "Statement": [send]}
    iam.put_role_policy(RoleName="approval", PolicyName="ask", PolicyDocument=json.dumps(policy))
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"},
        "TimeoutSeconds": 120,
        "End": True,
    }
    workflow: SFNClient = environment.client("stepfunctions")
    workflow.create_state_machine(
        name=environment.name("approval"),
        definition=json.dumps({"StartAt": "Ask", "States": {"Ask": ask}}),
        roleArn=role,
    )


def ask_for_approval(environment: Environment, payment_id: str) -> str:
    """Starts an execution and keeps its token as the payment function does; returns the execution's ARN."""
    workflow: SFNClient = environment.client("stepfunctions")
    sqs: SQSClient = environment.client("sqs")
    machine = workflow.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    execution = workflow.start_execution(
        stateMachineArn=machine, name=payment_id, input=json.dumps({"payment_id": payment_id, "event_id": "1"})
    )["executionArn"]
    queue = sqs.get_queue_url(QueueName="asked")["QueueUrl"]
    [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    dynamodb: DynamoDBClient = environment.client("dynamodb")
    dynamodb.put_item(
        TableName=TABLE,
        Item={"session_id": {"S": f"approval/{payment_id}"}, "task_token": {"S": message["Body"]}},
    )
    return execution


def outcome(environment: Environment, execution: str) -> dict[str, Any]:
    """The output of the execution once it succeeded."""
    workflow: SFNClient = environment.client("stepfunctions")
    deadline = time.monotonic() + SECONDS
    while (described := workflow.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < deadline, described
        time.sleep(0.1)
    assert described["status"] == "SUCCEEDED", described
    output: dict[str, Any] = json.loads(described["output"])
    return output


@pytest.mark.parametrize("approved", [True, False])
def test_a_decision_ends_the_wait_of_the_workflow(environment: Environment, approved: bool) -> None:
    payment_id = f"payment-{approved}".lower()
    execution = ask_for_approval(environment, payment_id)
    Approvals(environment).decide(payment_id, approved=approved, approver="ada")
    assert outcome(environment, execution) == {"approved": approved, "approver": "ada"}


def test_a_decision_counts_once(environment: Environment) -> None:
    execution = ask_for_approval(environment, "decided")
    approvals = Approvals(environment)
    approvals.decide("decided", approved=True, approver="ada")
    outcome(environment, execution)
    with pytest.raises(ApprovalError, match="was decided already or its time has passed"):
        approvals.decide("decided", approved=False, approver="bob")
