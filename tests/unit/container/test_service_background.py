"""Work beside the requests: repeated, not ended by a fault, ended when it is told to; metrics of many threads."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from aws_lambda_powertools.metrics import MetricUnit

from lib.container.payment_service import repeating
from lib.container.payment_service.metrics import share_metrics
from lib.container.payment_service.repeating import Repeating
from payments.observability import count, gauge, logger, metrics, publish_metrics

Output = Callable[[], list[dict[str, Any]]]


def test_work_is_repeated_until_it_is_stopped() -> None:
    done = threading.Semaphore(0)
    work = Repeating("counting", done.release, pause=0)
    work.start()
    assert all(done.acquire(timeout=10) for _ in range(3))
    work.stop()
    assert work.join(10)


def test_work_that_was_begun_is_waited_for_and_no_more_begins() -> None:
    begun, release, turns = threading.Event(), threading.Event(), []

    def wait() -> None:
        turns.append(1)
        begun.set()
        release.wait(10)

    work = Repeating("waiting", wait, pause=0)
    work.start()
    assert begun.wait(10)
    work.stop()
    assert not work.join(0.01)
    release.set()
    assert work.join(10)
    assert len(turns) == 1


def test_first_work_comes_after_a_pause() -> None:
    work = Repeating("never", lambda: pytest.fail("it was too early"), pause=60)
    work.start()
    work.stop()
    assert work.join(10)


def test_fault_is_logged_without_its_text_and_work_goes_on_later(
    output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeating, "FAULT_PAUSE_SECONDS", 0.05)
    times: list[float] = []
    twice = threading.Event()

    def fail() -> None:
        times.append(time.monotonic())
        if len(times) == 2:
            twice.set()
        raise ValueError("DE89370400440532013000")

    work = Repeating("failing", fail, pause=0)
    work.start()
    assert twice.wait(10)
    work.stop()
    assert work.join(10)
    assert times[1] - times[0] >= 0.05
    line = output()[0]
    assert (line["work"], line["error"]) == ("failing", "ValueError")
    assert "DE89370400440532013000" not in json.dumps(line)


@pytest.fixture
def shared() -> Iterator[None]:
    metrics.clear_metrics()
    take_back = share_metrics()
    yield
    take_back()
    metrics.clear_metrics()


@pytest.mark.usefixtures("shared")
def test_nothing_is_lost_when_many_threads_count_and_one_writes(capsys: pytest.CaptureFixture[str]) -> None:
    writing = Repeating("metrics", publish_metrics, pause=0)
    writing.start()

    def count_often() -> None:
        for _ in range(500):
            count("Counted")

    with ThreadPoolExecutor(8) as pool:
        for _ in range(8):
            pool.submit(count_often)
    writing.stop()
    assert writing.join(10)
    publish_metrics()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sum(sum(line["Counted"]) for line in lines) == 4000
    assert all(
        line["environment"] and line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Payments" for line in lines
    )


@pytest.mark.usefixtures("shared")
def test_no_log_line_is_written_into_the_line_of_a_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler's turn is held for as long as a metric is added."""
    free: list[bool] = []
    lock = logger.registered_handler.lock
    assert lock

    def note(*_arguments: object, **_named: object) -> None:
        taken = threading.Thread(target=lambda: free.append(lock.acquire(blocking=False)))
        taken.start()
        taken.join()

    monkeypatch.setattr("aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch.print", note, raising=False)
    gauge("Depth", 1, MetricUnit.Count)
    publish_metrics()
    assert free == [False]
    metrics.flush_metrics()
    assert free == [False]
