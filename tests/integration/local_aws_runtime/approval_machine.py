"""A state machine like that of the payment workflow, with a function that does its work."""

import json
import uuid
from typing import Any

SOURCE = """
    import json

    class LedgerUnavailableError(Exception):
        pass

    calls = {}

    def handler(event, context):
        print("got", json.dumps(event))
        task = event["task"]
        calls[task] = calls.get(task, 0) + 1
        if event.get("fail") == task and calls[task] <= event.get("times", 99):
            raise LedgerUnavailableError("no ledger")
        return {"done": task}
"""


def task(function: Any, name: str, following: str | None, **settings: Any) -> dict[str, Any]:
    payload = {"task": name, "fail.$": "$$.Execution.Input.fail", "times.$": "$$.Execution.Input.times"}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function.arn, "Payload": payload},
        "ResultPath": f"$.{name}",
        "Retry": [
            {"ErrorEquals": ["LedgerUnavailableError"], "IntervalSeconds": 2, "MaxAttempts": 2, "BackoffRate": 2}
        ],
        **settings,
    }
    return {**state, **({"Next": following} if following else {"End": True})}


def definition(function: Any, topic: str) -> str:
    """Like the payment workflow: check, notify, wait for approval, charge, publish; cancel otherwise."""
    ask = task(function, "ask", "approved", TimeoutSeconds=20)
    ask["Resource"] += ".waitForTaskToken"
    ask["Parameters"]["Payload"]["task_token.$"] = "$$.Task.Token"
    ask["Catch"] = [{"ErrorEquals": ["States.Timeout", "Refused"], "ResultPath": "$.error", "Next": "cancel"}]
    notify = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": topic, "Message.$": "$.payment_id"},
        "ResultPath": None,
        "Next": "ask",
    }
    approved = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.ask.approved", "BooleanEquals": True, "Next": "charge"}],
        "Default": "cancel",
    }
    failed = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "undo"}]
    states = {
        "check": task(function, "check", "notify"),
        "notify": notify,
        "ask": ask,
        "approved": approved,
        "charge": task(function, "charge", None, Catch=failed),
        "cancel": task(function, "cancel", None),
        "undo": task(function, "undo", "failed"),
        "failed": {"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"},
    }
    return json.dumps({"StartAt": "check", "States": states})


def role(cloud: Any, *actions: str) -> str:
    arn = str(cloud.role(*actions))
    trusted = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    cloud.client("iam").update_assume_role_policy(RoleName=arn.rpartition("/")[2], PolicyDocument=document)
    return arn


class Machine:
    """A state machine with the function that does its work and a queue that gets its notices."""

    def __init__(self, cloud: Any, *actions: str) -> None:
        self.cloud, self.client = cloud, cloud.client("stepfunctions")
        self.function = cloud.function(SOURCE)
        sns, (self.notices, queue) = cloud.client("sns"), cloud.queue()
        topic = sns.create_topic(Name=f"topic-{uuid.uuid4().hex[:8]}")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
        self.arn = self.client.create_state_machine(
            name=f"machine-{uuid.uuid4().hex[:8]}",
            definition=definition(self.function, topic),
            roleArn=role(cloud, *(actions or ("lambda:InvokeFunction", "sns:Publish"))),
        )["stateMachineArn"]

    def start(self, name: str = "", **given: Any) -> str:
        content = json.dumps({"payment_id": "p1", "fail": "", "times": 99, **given})
        started = self.client.start_execution(stateMachineArn=self.arn, name=name or uuid.uuid4().hex, input=content)
        return str(started["executionArn"])

    def events(self, kind: str = "") -> list[Any]:
        lines = [json.loads(line.removeprefix("got ")) for line in self.function.log() if line.startswith("got ")]
        return [event for event in lines if kind in ("", event["task"])]

    def tasks(self) -> list[str]:
        return [event["task"] for event in self.events()]

    def token(self, until: Any) -> str:
        return str(until(lambda: self.events("ask"))[0]["task_token"])

    def end(self, execution: str, until: Any) -> dict[str, Any]:
        def ended() -> Any:
            described = self.client.describe_execution(executionArn=execution)
            return described if described["status"] != "RUNNING" else None

        found: dict[str, Any] = until(ended, 20)
        assert found, "The execution did not end."
        return found

    def history(self, execution: str) -> list[str]:
        return [event["type"] for event in self.client.get_execution_history(executionArn=execution)["events"]]
