"""The load: clients that send a payment until it is acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from tap.gameday import load as module
from tap.gameday.load import LoadError, PaymentLoad
from tap.payment_client import Answer, PaymentClient


class FakeClient:
    """Answers by a script, then with 200; remembers what it was sent."""

    url = "https://api"

    def __init__(self, *script: Answer | Exception) -> None:
        self.script = list(script)
        self.ids: list[str] = []
        self.answered = threading.Event()

    def send(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        assert (method, path) == ("POST", "/payments")
        self.ids.append(body["payment_id"])
        if self.script:
            step = self.script.pop(0)
            if isinstance(step, Exception):
                raise step
            return step
        self.answered.set()
        return Answer(200, {})


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)


def connect(*clients: FakeClient) -> Callable[[], Sequence[PaymentClient]]:
    return lambda: cast(Sequence[PaymentClient], clients)


def test_a_payment_is_sent_again_under_its_id_until_it_is_acknowledged() -> None:
    client = FakeClient(Answer(503, {}), EndpointConnectionError(endpoint_url="https://api"), Answer(200, {}))
    with PaymentLoad(connect(client), "day", clients=1, pause=0.01) as load:
        assert client.answered.wait(5)
    first = load.sent[0]
    assert client.ids[:4] == ["day-0", "day-0", "day-0", "day-1"]
    assert (first.payment_id, first.refused, len(first.troubles)) == ("day-0", 2, 2)
    assert first.acknowledged_at is not None
    assert load.acknowledged()[:2] == ["day-0", "day-1"]
    assert load.quiet_since() == first.troubles[-1]


def test_who_is_refused_asks_the_next_region_and_stays_there() -> None:
    here, there = FakeClient(*[Answer(503, {})] * 100), FakeClient()
    with PaymentLoad(connect(here, there), "day", clients=1, pause=0.01) as load:
        assert there.answered.wait(5)
        time.sleep(0.05)
    assert load.sent[0].refused == 1
    assert here.ids == ["day-0"]
    assert there.ids[:2] == ["day-0", "day-1"]


def test_a_slow_answer_is_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOW_SECONDS", -1.0)
    client = FakeClient()
    with PaymentLoad(connect(client), "day", clients=1, pause=0.01) as load:
        assert client.answered.wait(5)
    assert load.sent[0].refused == 0
    assert load.sent[0].troubles == [load.sent[0].acknowledged_at]


def test_a_payment_that_waits_for_long_is_no_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOW_SECONDS", 0.0)
    load = PaymentLoad(connect(FakeClient()), "day")
    assert load.quiet_since() == 0.0
    load.sent.append(module.Sent("day-0", time.time() - 1))
    assert load.quiet_since() == pytest.approx(time.time(), abs=1)


def test_a_wrong_load_says_so() -> None:
    client = FakeClient(Answer(403, {"message": "Forbidden"}))
    with PaymentLoad(connect(client), "day", clients=1, pause=0.01) as load:
        for thread in load._threads:
            thread.join(5)
        with pytest.raises(LoadError, match="403"):
            load.check()


def test_the_load_ends_with_its_block() -> None:
    client = FakeClient(*[Answer(503, {})] * 10_000)
    with PaymentLoad(connect(client), "day", clients=2, pause=0.01) as load:
        time.sleep(0.1)
    count = len(client.ids)
    time.sleep(0.05)
    assert len(client.ids) == count
    assert load.acknowledged() == []
