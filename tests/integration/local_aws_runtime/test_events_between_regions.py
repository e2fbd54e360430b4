"""Buses of two Regions forward events to each other: the envelope stays, roles are needed, nothing goes in circles."""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

REGION, OTHER_REGION, ACCOUNT = "eu-central-1", "eu-west-1", "123456789012"
SOURCE = """
    import json

    def handler(event, context):
        print("got", json.dumps(event))
"""
SETTLING_SECONDS, PATIENCE_SECONDS = 1, 30


def policy(service: str, action: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def forwarder(cloud: Any, *actions: str) -> str:
    """A role that rules may take."""
    role = str(cloud.role(*actions))
    document = policy("events", "sts:AssumeRole")
    cloud.client("iam").update_assume_role_policy(RoleName=role.rpartition("/")[2], PolicyDocument=document)
    return role


def queue(cloud: Any) -> tuple[str, str]:
    """A queue that rules may send to."""
    url, arn = cloud.queue()
    document = policy("events", "sqs:SendMessage", Resource=arn)
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    return url, arn


@dataclass(frozen=True)
class Bus:
    """A bus of one Region, with the queue that gets everything that is on it."""

    cloud: Any
    name: str
    queue_url: str

    @classmethod
    def of(cls, cloud: Any, name: str) -> "Bus":
        cloud.client("events").create_event_bus(Name=name)
        url, arn = queue(cloud)
        made = cls(cloud, name, url)
        made.rule("all", {"source": ["shop"]}, arn)
        return made

    @property
    def arn(self) -> str:
        return f"arn:aws:events:{self.cloud.region}:{ACCOUNT}:event-bus/{self.name}"

    def rule(self, name: str, pattern: dict[str, Any], target: str, **settings: Any) -> None:
        events = self.cloud.client("events")
        events.put_rule(Name=name, EventBusName=self.name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, EventBusName=self.name, Targets=[{"Id": name, "Arn": target, **settings}])

    def forward(self, other: "Bus", role: str, *, own: bool = True, **settings: Any) -> None:
        """Forward events: those that came up in this Region, or all."""
        pattern = {"source": ["shop"], **({"region": [self.cloud.region]} if own else {})}
        self.rule("forward", pattern, other.arn, RoleArn=role, **settings)

    def put(self) -> str:
        entry = {"Source": "shop", "DetailType": "Sale", "Detail": "{}", "Resources": ["arn:it"]}
        put = self.cloud.client("events").put_events(Entries=[{**entry, "EventBusName": self.name}])
        return str(put["Entries"][0]["EventId"])

    def received(self, expected: int) -> list[dict[str, Any]]:
        """All events of the bus: as many as expected, and what comes soon after."""
        sqs, found = self.cloud.client("sqs"), []
        ends = time.monotonic() + (PATIENCE_SECONDS if expected else SETTLING_SECONDS)
        while time.monotonic() < ends:
            asked = {"QueueUrl": self.queue_url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1}
            messages = sqs.receive_message(**asked).get("Messages", [])
            found += [json.loads(message["Body"]) for message in messages]
            if messages and len(found) >= expected:
                ends = time.monotonic() + SETTLING_SECONDS
        return found


@pytest.fixture
def buses(cloud: Any) -> tuple[Bus, Bus]:
    """A bus of the same name in each Region."""
    name = f"bus-{uuid.uuid4().hex[:8]}"
    return Bus.of(cloud, name), Bus.of(cloud.elsewhere, name)


def test_event_in_another_region_keeps_its_envelope(cloud: Any, buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    here.forward(there, forwarder(cloud, "events:PutEvents"))
    event_id = here.put()
    (original,), (forwarded,) = here.received(1), there.received(1)
    assert forwarded == original
    assert (forwarded["id"], forwarded["region"], forwarded["account"]) == (event_id, REGION, ACCOUNT)
    assert forwarded["resources"] == ["arn:it"]


@pytest.mark.parametrize("own", [True, False], ids=["by pattern", "because no event is sent on to a third bus"])
def test_both_directions_at_once_do_not_loop(cloud: Any, buses: tuple[Bus, Bus], own: bool) -> None:
    here, there = buses
    role = forwarder(cloud, "events:PutEvents")
    here.forward(there, role, own=own)
    there.forward(here, role, own=own)
    ids = {here.put(): REGION, there.put(): OTHER_REGION}
    for events in (here.received(2), there.received(2)):
        assert len(events) == 2
        assert {event["id"]: event["region"] for event in events} == ids


def test_rule_can_choose_events_of_one_region_for_a_function(cloud: Any, buses: tuple[Bus, Bus], until: Any) -> None:
    here, there = buses
    here.forward(there, forwarder(cloud, "events:PutEvents"))
    function = there.cloud.function(SOURCE)
    there.cloud.client("lambda").add_permission(
        FunctionName=function.name,
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    there.rule("foreign", {"region": [{"anything-but": OTHER_REGION}]}, function.arn)
    there.put()
    event_id = here.put()
    lines = until(lambda: [line for line in function.log() if line.startswith("got ")])
    assert [json.loads(line.removeprefix("got "))["id"] for line in lines] == [event_id]


def test_archive_and_log_group_of_the_receiving_region_get_it(cloud: Any, buses: tuple[Bus, Bus], until: Any) -> None:
    here, there = buses
    here.forward(there, forwarder(cloud, "events:PutEvents"))
    logs, events = there.cloud.client("logs"), there.cloud.client("events")
    group = f"/aws/events/{there.name}"
    arn = f"arn:aws:logs:{OTHER_REGION}:{ACCOUNT}:log-group:{group}"
    logs.create_log_group(logGroupName=group)
    logs.put_resource_policy(
        policyName=there.name, policyDocument=policy("events", "logs:PutLogEvents", Resource=f"{arn}:*")
    )
    there.rule("log", {"source": ["shop"]}, arn)
    events.create_archive(ArchiveName=there.name, EventSourceArn=there.arn)
    event_id = here.put()
    found = until(lambda: logs.filter_log_events(logGroupName=group)["events"])
    assert [json.loads(one["message"])["id"] for one in found] == [event_id]
    assert events.describe_archive(ArchiveName=there.name)["EventCount"] == 1


@pytest.mark.parametrize("actions", [[], ["events:PutRule"]], ids=["no permission", "another permission"])
def test_role_that_may_not_put_events_sends_them_to_dead_letters(
    cloud: Any, buses: tuple[Bus, Bus], actions: list[str]
) -> None:
    here, there = buses
    url, letters = queue(cloud)
    here.forward(there, forwarder(cloud, *actions), DeadLetterConfig={"Arn": letters})
    event_id = here.put()
    letter = cloud.message(url)
    assert json.loads(letter["Body"])["id"] == event_id
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert there.received(0) == []


def test_bus_that_is_gone_sends_events_to_dead_letters(cloud: Any, buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    url, letters = queue(cloud)
    here.forward(there, forwarder(cloud, "events:PutEvents"), DeadLetterConfig={"Arn": letters})
    events = there.cloud.client("events")
    events.remove_targets(Rule="all", EventBusName=there.name, Ids=["all"])
    events.delete_rule(Name="all", EventBusName=there.name)
    events.delete_event_bus(Name=there.name)
    here.put()
    assert cloud.message(url)["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"


def _function_elsewhere(here: Bus, there: Bus) -> None:
    region = there.cloud.region
    here.rule("function", {"source": ["shop"]}, f"arn:aws:lambda:{region}:{ACCOUNT}:function:any")


def _without_a_role(here: Bus, there: Bus) -> None:
    here.rule("forward", {"source": ["shop"]}, there.arn)


def _dead_letters_elsewhere(here: Bus, there: Bus) -> None:
    _, letters = queue(there.cloud)
    role = f"arn:aws:iam::{ACCOUNT}:role/any"
    here.rule("forward", {"source": ["shop"]}, there.arn, RoleArn=role, DeadLetterConfig={"Arn": letters})


REFUSED: dict[str, tuple[Callable[[Bus, Bus], None], str]] = {
    "function of another Region": (_function_elsewhere, "must be an event bus"),
    "bus of another Region without a role": (_without_a_role, "RoleArn is required"),
    "dead letters in another Region": (_dead_letters_elsewhere, "must be in the Region of the rule"),
}


@pytest.mark.parametrize(("asked", "reason"), REFUSED.values(), ids=REFUSED)
def test_target_in_another_region_is_refused(
    buses: tuple[Bus, Bus], asked: Callable[[Bus, Bus], None], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        asked(*buses)
