"""`tap replay`: dead letters moved once, nothing lost in between, and replays of the archive."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from lib.payment_events import DETAIL_TYPE, SOURCE
from tap import dead_letter
from tap.dead_letters import DeadLetterQueues, Redrive
from tap.environment import Environment
from tests.unit.tap_commands.conftest import REGION, Tap

EVENTS, PROCESSOR, BACK = "events-dead-letters", "processor-dead-letters", "replay-dead-letters"


class Queues:
    """The environment's queues as a test fills and reads them."""

    def __init__(self, environment: Environment) -> None:
        self._sqs = boto3.client("sqs", region_name=REGION)
        self._environment = environment

    def url(self, queue: str) -> str:
        return self._sqs.get_queue_url(QueueName=self._environment.name(queue))["QueueUrl"]

    def put(self, queue: str, body: str, **attributes: str) -> None:
        sent: Any = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self._sqs.send_message(QueueUrl=self.url(queue), MessageBody=body, MessageAttributes=sent)

    def bodies(self, queue: str) -> list[str]:
        """What anyone could receive now."""
        found: list[str] = []
        while messages := self._sqs.receive_message(
            QueueUrl=self.url(queue), MaxNumberOfMessages=10, VisibilityTimeout=60
        ).get("Messages"):
            found += [message["Body"] for message in messages]
        return found

    def take_all(self, queue: str) -> None:
        """Receives and deletes what anyone could receive now."""
        while messages := self._sqs.receive_message(QueueUrl=self.url(queue), MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._sqs.delete_message(QueueUrl=self.url(queue), ReceiptHandle=message["ReceiptHandle"])


@pytest.fixture
def queues(environment: Environment) -> Queues:
    return Queues(environment)


@pytest.fixture
def consumer(monkeypatch: pytest.MonkeyPatch, queues: Queues) -> None:
    """Takes what is in the replay queue whenever it is counted, as the function does."""
    counted = DeadLetterQueues.waiting

    def waiting(self: DeadLetterQueues) -> int:
        number = counted(self)
        queues.take_all("replay")
        return number

    monkeypatch.setattr(DeadLetterQueues, "waiting", waiting)


def event(payment_id: str, **detail: Any) -> str:
    return json.dumps({"source": SOURCE, "detail-type": DETAIL_TYPE, "detail": {"payment_id": payment_id, **detail}})


@pytest.mark.usefixtures("consumer")
def test_dead_letters_of_every_queue_are_replayed(tap: Tap, queues: Queues) -> None:
    for number in range(12):
        queues.put(EVENTS, event(f"event-{number}"), ERROR_CODE="NO_PERMISSIONS")
    queues.put(PROCESSOR, event("function-1"), ErrorCode="200")
    queues.put(PROCESSOR, '{"task": "relay-outbox"}')
    queues.put(BACK, event("again-1"))
    ended = tap("replay", "dead-letters", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == {
        "moved": 14,
        "discarded": 1,
        "left": 0,
        "failed": 0,
        "still_waiting": 0,
        "came_back": 0,
    }
    assert [queues.bodies(queue) for queue in (EVENTS, PROCESSOR, BACK)] == [[], [], []]


def test_the_messages_arrive_as_they_were(environment: Environment, queues: Queues) -> None:
    sent = [event("one", note="ü"), event("two")]
    for body in sent:
        queues.put(EVENTS, body)
    looked_at: list[int] = []
    DeadLetterQueues(environment).move(Redrive(), looked_at.append)
    assert sorted(queues.bodies("replay")) == sorted(sent)
    assert sum(looked_at) == 2


@pytest.mark.usefixtures("consumer")
def test_what_is_no_payment_event_stays(tap: Tap, queues: Queues) -> None:
    strange = ["not json", "[]", json.dumps({"source": "another", "detail-type": DETAIL_TYPE})]
    for body in strange:
        queues.put(EVENTS, body)
    ended = tap("replay", "dead-letters", "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["left"] == 3
    assert sorted(queues.bodies(EVENTS)) == sorted(strange)


def test_a_dry_run_changes_nothing_and_shows_no_account(tap: Tap, queues: Queues) -> None:
    queues.put(EVENTS, event("one", payer_account="DE-SECRET-1"), ERROR_CODE="NO_PERMISSIONS")
    queues.put(PROCESSOR, '{"task": "relay-outbox"}')
    queues.put(BACK, "not json")
    ended = tap("replay", "dead-letters", "--dry-run", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == [
        {"queue": BACK, "payment_id": None, "error": None, "action": "leave"},
        {"queue": EVENTS, "payment_id": "one", "error": "NO_PERMISSIONS", "action": "replay"},
        {"queue": PROCESSOR, "payment_id": None, "error": None, "action": "discard"},
    ]
    shown = tap("replay", "dead-letters", "--dry-run")
    assert "3 dead letters, nothing changed" in shown.out
    assert "DE-SECRET-1" not in shown.out + ended.out
    assert [len(queues.bodies(queue)) for queue in (EVENTS, PROCESSOR, BACK, "replay")] == [1, 1, 1, 0]


def test_without_dead_letters_there_is_nothing_to_do(tap: Tap, queues: Queues) -> None:
    assert tap("replay", "dead-letters", "--dry-run").err == "there are no dead letters\n"
    ended = tap("replay", "dead-letters")
    assert ended.code == 0
    assert ended.out.split()[:2] == ["moved", "0"]
    assert queues.bodies("replay") == []


def test_what_is_not_handled_in_time_is_reported(tap: Tap, queues: Queues) -> None:
    queues.put(EVENTS, event("one"))
    ended = tap("replay", "dead-letters", "--wait", "0", "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["still_waiting"] == 1
    assert "1 messages wait in the replay queue after 0 s" in ended.err


def test_what_comes_back_is_reported_and_stays(
    tap: Tap, queues: Queues, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = boto3.client("sqs", region_name=REGION)

    def fail_again(_self: DeadLetterQueues) -> int:
        """The function fails: SQS moves the message, with its attributes, to the replay's own dead letters."""
        found = sqs.receive_message(QueueUrl=queues.url("replay"), MessageAttributeNames=["All"]).get("Messages", [])
        for message in found:
            mark = message["MessageAttributes"][dead_letter.REPLAY_ID]["StringValue"]
            queues.put(BACK, message["Body"], **{dead_letter.REPLAY_ID: mark})
        return 0

    monkeypatch.setattr(DeadLetterQueues, "waiting", fail_again)
    queues.put(EVENTS, event("one"))
    queues.put(BACK, "left by someone")
    ended = tap("replay", "dead-letters", "--json")
    assert ended.code == 1
    assert json.loads(ended.out) | {"moved": 1, "left": 1, "came_back": 1} == json.loads(ended.out)
    assert "mend the cause" in ended.err
    assert sorted(queues.bodies(BACK)) == sorted([event("one"), "left by someone"])
    assert environment.suffix == "test"


def test_a_message_that_came_back_is_not_moved_again_in_the_same_run(environment: Environment, queues: Queues) -> None:
    redrive = Redrive()
    queues.put(BACK, event("one"), **{dead_letter.REPLAY_ID: redrive.replay_id})
    queues.put(BACK, event("two"), **{dead_letter.REPLAY_ID: "of an earlier run"})
    DeadLetterQueues(environment).move(redrive, lambda _more: None)
    assert (redrive.moved, redrive.left) == (1, 1)
    assert queues.bodies("replay") == [event("two")]


def test_an_interruption_between_sending_and_deleting_loses_nothing(
    environment: Environment, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    queues.put(EVENTS, event("one"))
    moving = DeadLetterQueues(environment)
    with monkeypatch.context() as patch:
        patch.setattr(moving, "_delete", interrupt)
        with pytest.raises(KeyboardInterrupt):
            moving.move(Redrive(), lambda _more: None)
    assert queues.bodies("replay") == [event("one")]
    assert moving.counts()[EVENTS] == 1


def test_a_message_that_is_not_sent_is_not_deleted(
    tap: Tap, environment: Environment, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = environment.client("sqs")
    send = client.send_message_batch

    def send_one(**parameters: Any) -> Any:
        return send(QueueUrl=parameters["QueueUrl"], Entries=parameters["Entries"][:1])

    monkeypatch.setattr(client, "send_message_batch", send_one)
    monkeypatch.setattr(Environment, "find", lambda **_options: environment)
    for number in range(3):
        queues.put(EVENTS, event(f"event-{number}"))
    ended = tap("replay", "dead-letters", "--wait", "0", "--json")
    assert ended.code == 1
    assert json.loads(ended.out) | {"moved": 1, "failed": 2} == json.loads(ended.out)
    assert len(queues.bodies(EVENTS)) == 2


def test_large_events_are_sent_in_several_batches(environment: Environment, queues: Queues) -> None:
    for number in range(3):
        queues.put(EVENTS, event(f"event-{number}", note="x" * 120_000))
    redrive = Redrive()
    DeadLetterQueues(environment).move(redrive, lambda _more: None)
    assert (redrive.moved, redrive.failed) == (3, 0)


def test_an_environment_without_replay(environment: Environment, tap: Tap) -> None:
    sqs = environment.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=f"payment-replay-{environment.suffix}")["QueueUrl"])
    ended = tap("replay", "dead-letters")
    assert ended.code == 3
    assert f"queue payment-replay-{environment.suffix} does not exist" in ended.err
