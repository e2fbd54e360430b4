"""Events on a bus reach the functions that its rules target, or the target's dead-letter queue."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

REGION = "eu-central-1"
SOURCE = """
    import json

    def handler(event, context):
        print("got", json.dumps(event))
        if isinstance(event, dict) and event.get("detail", {}).get("fail"):
            raise RuntimeError("never works")
"""


@dataclass(frozen=True)
class Bus:
    """An event bus with a rule for payments."""

    cloud: Any
    name: str
    rule_arn: str

    def target(self, arn: str, **settings: Any) -> None:
        self.cloud.client("events").put_targets(
            Rule="payments", EventBusName=self.name, Targets=[{"Id": "function", "Arn": arn, **settings}]
        )

    def grant(self, function: Any, **settings: Any) -> None:
        self.cloud.client("lambda").add_permission(
            FunctionName=function.name,
            StatementId="events",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=self.rule_arn,
            **settings,
        )

    def put(self, detail: dict[str, Any], source: str = "payment.processor") -> str:
        entry = {"Source": source, "DetailType": "Payment", "Detail": json.dumps(detail), "EventBusName": self.name}
        return str(self.cloud.client("events").put_events(Entries=[entry])["Entries"][0]["EventId"])

    def dead_letters(self, *, open_to_rule: bool = True) -> tuple[str, str]:
        """A queue, URL and ARN, that lets the rule send to it."""
        url, arn = self.cloud.queue()
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": self.rule_arn if open_to_rule else f"{self.rule_arn}-other"}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return url, arn


def bus(cloud: Any) -> Bus:
    name, client = f"bus-{uuid.uuid4().hex[:8]}", cloud.client("events")
    client.create_event_bus(Name=name)
    pattern = json.dumps({"source": ["payment.processor"]})
    rule = client.put_rule(Name="payments", EventBusName=name, EventPattern=pattern)["RuleArn"]
    return Bus(cloud, name, rule)


def received(function: Any) -> list[Any]:
    return [json.loads(line.removeprefix("got ")) for line in function.log() if line.startswith("got ")]


def test_an_event_that_matches_reaches_the_function(cloud: Any, until: Any) -> None:
    events, function = bus(cloud), cloud.function(SOURCE)
    events.grant(function)
    events.target(function.arn)
    events.put({"payment_id": "other"}, source="someone.else")
    event_id = events.put({"payment_id": "p1"})
    (event,) = until(lambda: received(function))
    assert event["detail"] == {"payment_id": "p1"}
    assert (event["id"], event["source"], event["detail-type"]) == (event_id, "payment.processor", "Payment")
    assert (event["account"], event["region"]) == ("123456789012", REGION)
    assert event["time"].endswith("Z")


def test_an_alias_is_a_target_with_a_permission_of_its_own(cloud: Any, until: Any) -> None:
    events, function = bus(cloud), cloud.function(SOURCE, Publish=True)
    cloud.client("lambda").create_alias(FunctionName=function.name, Name="live", FunctionVersion="1")
    url, dead_letters = events.dead_letters()
    events.target(f"{function.arn}:live", DeadLetterConfig={"Arn": dead_letters})
    events.put({"payment_id": "p1"})
    assert cloud.message(url)["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    events.grant(function, Qualifier="live")
    events.put({"payment_id": "p2"})
    assert [event["detail"]["payment_id"] for event in until(lambda: received(function))] == ["p2"]


def test_a_target_can_take_a_part_of_the_event(cloud: Any, until: Any) -> None:
    events, function = bus(cloud), cloud.function(SOURCE)
    events.grant(function)
    events.target(function.arn, InputPath="$.detail.payment_id")
    events.put({"payment_id": "p1"})
    assert until(lambda: received(function)) == ["p1"]


def test_a_disabled_rule_delivers_nothing(cloud: Any, until: Any) -> None:
    events, function = bus(cloud), cloud.function(SOURCE)
    events.grant(function)
    events.target(function.arn)
    cloud.client("events").disable_rule(Name="payments", EventBusName=events.name)
    events.put({"payment_id": "p1"})
    cloud.client("events").enable_rule(Name="payments", EventBusName=events.name)
    events.put({"payment_id": "p2"})
    assert [event["detail"]["payment_id"] for event in until(lambda: received(function))] == ["p2"]


def test_a_function_that_fails_is_retried_by_lambda_and_dead_lettered_there(cloud: Any) -> None:
    url, arn = cloud.queue()
    events, function = bus(cloud), cloud.function(SOURCE, DeadLetterConfig={"TargetArn": arn})
    events.grant(function)
    events.target(function.arn)
    events.put({"fail": True})
    assert json.loads(cloud.message(url)["Body"])["detail"] == {"fail": True}
    assert len(received(function)) == 3


def test_an_event_without_permission_goes_to_the_targets_dead_letter_queue(cloud: Any) -> None:
    events, function = bus(cloud), cloud.function(SOURCE)
    url, dead_letters = events.dead_letters()
    events.target(function.arn, DeadLetterConfig={"Arn": dead_letters})
    events.put({"payment_id": "p1"})
    letter = cloud.message(url)
    values = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert json.loads(letter["Body"])["detail"] == {"payment_id": "p1"}
    assert (values["RULE_ARN"], values["TARGET_ARN"]) == (events.rule_arn, function.arn)
    assert (values["ERROR_CODE"], values["RETRY_ATTEMPTS"]) == ("NO_PERMISSIONS", "0")
    assert function.arn in values["ERROR_MESSAGE"]
    assert received(function) == []


def test_an_event_for_a_deleted_function_is_dead_lettered(cloud: Any) -> None:
    events, function = bus(cloud), cloud.function(SOURCE)
    url, dead_letters = events.dead_letters()
    events.target(function.arn, DeadLetterConfig={"Arn": dead_letters})
    cloud.client("lambda").delete_function(FunctionName=function.name)
    events.put({"payment_id": "p1"})
    assert cloud.message(url)["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"


def test_a_dead_letter_queue_must_let_the_rule_send(cloud: Any) -> None:
    events, function = bus(cloud), cloud.function(SOURCE)
    url, dead_letters = events.dead_letters(open_to_rule=False)
    events.target(function.arn, DeadLetterConfig={"Arn": dead_letters})
    events.put({"payment_id": "p1"})
    assert "Messages" not in cloud.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=2)
