"""The state machines of recoveries, with a function in place of the recovery function that answers as it is told."""

import json
import uuid
from typing import Any

from lib.recovery.region_failover_definition import region_failover_definition
from lib.recovery.writer_failover_definition import writer_failover_definition

from .approval_machine import role

# Each task has answers, of which the last is given from then on; a text is the name of an error.
SOURCE = """
    import json

    ANSWERS = json.loads({answers!r})

    def handler(event, context):
        print("got", json.dumps(event))
        answers = ANSWERS.get(event["task"], [{{}}])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, str):
            raise type(answer, (Exception,), {{}})("as told")
        return answer
"""
PLACE = "payment environment dev"


class Recovery:
    """One of the two machines, its function, and a queue that gets its notices."""

    def __init__(self, cloud: Any, kind: str, answers: dict[str, list[Any]], **timeouts: int) -> None:
        """`timeouts` are other timeouts of states, in seconds."""
        self.client = cloud.client("stepfunctions")
        self.function = cloud.function(SOURCE.format(answers=json.dumps(answers)))
        sns, (self._notices, queue) = cloud.client("sns"), cloud.queue()
        self._sqs = cloud.client("sqs")
        topic = sns.create_topic(Name=f"topic-{uuid.uuid4().hex[:8]}")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
        given = {"partition": "aws", "function_arn": self.function.arn, "topic_arn": topic, "place": PLACE}
        definition = (
            writer_failover_definition(**given)
            if kind == "writer"
            else region_failover_definition(**given, approval_hours=24)
        )
        for state, seconds in timeouts.items():
            definition["States"][state]["TimeoutSeconds"] = seconds
        self.arn = self.client.create_state_machine(
            name=f"{kind}-{uuid.uuid4().hex[:8]}",
            definition=json.dumps(definition),
            roleArn=role(cloud, "lambda:InvokeFunction", "sns:Publish"),
        )["stateMachineArn"]

    def start(self, **given: object) -> "Recovery":
        """Begin an execution."""
        content = json.dumps({"requested_by": "Grace", **given})
        self.client.start_execution(stateMachineArn=self.arn, name=uuid.uuid4().hex, input=content)
        return self

    def answer(self, until: Any, **decision: object) -> None:
        """Answer the request for an approval, once it is there."""
        (request,) = until(lambda: [event for event in self._events() if event["task"] == "request-approval"], 30)
        self.client.send_task_success(taskToken=request["task_token"], output=json.dumps(decision))

    def end(self, until: Any) -> str:
        """How the only execution ended: the error, or the last state."""

        def ended() -> Any:
            found = self.client.list_executions(stateMachineArn=self.arn)["executions"]
            return found and found[0]["status"] != "RUNNING" and found[0]["executionArn"]

        execution = until(ended, 40)
        assert execution, f"the recovery did not end: {self.tasks()}"
        described = self.client.describe_execution(executionArn=execution)
        if described["status"] != "SUCCEEDED":
            return str(described["error"])
        history = self.client.get_execution_history(executionArn=execution)["events"]
        return [str(one["stateEnteredEventDetails"]["name"]) for one in history if "stateEnteredEventDetails" in one][
            -1
        ]

    def given(self) -> dict[str, Any]:
        """The input of the only execution."""
        (execution,) = self.client.list_executions(stateMachineArn=self.arn)["executions"]
        found: dict[str, Any] = json.loads(
            self.client.describe_execution(executionArn=execution["executionArn"])["input"]
        )
        return found

    def tasks(self) -> list[str]:
        """The tasks that were called, in order, each once however often it was tried."""
        called = [event["task"] for event in self._events()]
        return [task for task, before in zip(called, [None, *called], strict=False) if task != before]

    def subjects(self) -> list[str]:
        """The outcomes that people were told, in any order."""
        messages = []
        while received := self._sqs.receive_message(QueueUrl=self._notices, MaxNumberOfMessages=10).get("Messages"):
            messages += received
            for message in received:
                self._sqs.delete_message(QueueUrl=self._notices, ReceiptHandle=message["ReceiptHandle"])
        return sorted(json.loads(message["Body"])["Subject"].rpartition(": ")[2] for message in messages)

    def _events(self) -> list[Any]:
        return [json.loads(line.removeprefix("got ")) for line in self.function.log() if line.startswith("got ")]
