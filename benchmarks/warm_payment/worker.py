"""A process that stands for one Lambda environment: `python -m benchmarks.warm_payment.worker <name> <descriptor>`.

It reads orders as lines of JSON: `{"kind", "count"}`. To each it says `ready` when what it needs is prepared, and on
`go` it does the work and answers with a batch, all on the file descriptor that it was given. Its standard output is
the function's log. It ends when there are no more orders.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

import payment_processor
from benchmarks.lambda_context import LambdaContext
from benchmarks.warm_payment.batch import ANSWER, FLOOR, WHOLE, Batch, Kind
from benchmarks.warm_payment.floor import Floor, Statement, ledger_statements
from benchmarks.warm_payment.requests import documents, http_event

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext as PowertoolsContext

AFTER_ANSWER_SECONDS = 20.0
Times = dict[str, list[float]]


class WorkerError(Exception):
    """A payment was not answered as it must be, or the work after its answer did not end."""


class Worker:
    """Does each kind of work; its payments have ids that begin with what wrote them and the worker's name."""

    def __init__(self, name: str) -> None:
        environment = payment_processor.runtime_environment()
        self._floor, self._region = Floor(environment), environment.region
        self._bare, self._payments = documents(f"floor-{name}"), documents(f"payment-{name}")

    def prepare(self, kind: Kind, count: int) -> Callable[[], Times]:
        """The work, with everything that is not measured already done."""
        documents_of_floor = islice(self._bare, count if kind.has_floor else 0)
        bare = [ledger_statements(document, region=self._region) for document in documents_of_floor]
        events = [http_event(document) for document in islice(self._payments, count if kind.has_payments else 0)]
        work = {Kind.FLOOR: self._write_all, Kind.HELD: _pay_held, Kind.WHOLE: _pay_all, Kind.TURNS: self._take_turns}
        return lambda: work[kind](bare, events)

    def _write_all(self, bare: list[list[Statement]], _events: list[dict[str, Any]]) -> Times:
        return {FLOOR: [self._write(statements) for statements in bare]}

    def _take_turns(self, bare: list[list[Statement]], events: list[dict[str, Any]]) -> Times:
        """Half of either comes after a bare transaction, half after a wait, in which the computer did other things."""
        floor, paid = [], []
        for first, second, event, other in zip(bare[::2], bare[1::2], events[::2], events[1::2], strict=True):
            floor.append(self._write(first))
            paid += [_pay(event), _pay(other)]
            floor.append(self._write(second))
        return {FLOOR: floor, ANSWER: [answer for answer, _ in paid], WHOLE: [whole for _, whole in paid]}

    def _write(self, statements: list[Statement]) -> float:
        start = time.perf_counter()
        self._floor.write(statements)
        return time.perf_counter() - start


def _pay_all(_bare: list[list[Statement]], events: list[dict[str, Any]]) -> Times:
    paid = [_pay(event) for event in events]
    return {ANSWER: [answer for answer, _ in paid], WHOLE: [whole for _, whole in paid]}


def _pay_held(_bare: list[list[Statement]], events: list[dict[str, Any]]) -> Times:
    """The work after the answers is left to `finish`, so that no local AWS competes for the processor."""
    with patch.object(payment_processor.payment_service().after_answer, "begin"):
        return {ANSWER: [_answer(event) for event in events]}


def _pay(event: dict[str, Any]) -> tuple[float, float]:
    """Seconds until the answer, and until the work after it is done: only then Lambda sends the next event."""
    start = time.perf_counter()
    answer = _answer(event)
    finish()
    return answer, time.perf_counter() - start


def _answer(event: dict[str, Any]) -> float:
    """Seconds until the answer. Raises `WorkerError`."""
    context = cast("PowertoolsContext", LambdaContext("payment-processor"))
    start = time.perf_counter()
    result = payment_processor.handler(event, context)
    seconds = time.perf_counter() - start
    if result["statusCode"] != 200:
        raise WorkerError(f"the answer to {event['body']} was {result}")
    return seconds


def finish() -> None:
    """Waits until the work after all answers is done. Raises `WorkerError`."""
    after_answer = payment_processor.payment_service().after_answer
    after_answer.begin()
    if not after_answer.wait(AFTER_ANSWER_SECONDS):
        raise WorkerError(f"the work after an answer did not end in {AFTER_ANSWER_SECONDS:.0f} s")


def main() -> None:
    name, descriptor = sys.argv[1:]
    worker = Worker(name)
    with os.fdopen(int(descriptor), "w", buffering=1, encoding="utf-8") as replies:
        for line in sys.stdin:
            order = json.loads(line)
            work = worker.prepare(Kind(order["kind"]), order["count"])
            print("ready", file=replies)
            if sys.stdin.readline().strip() != "go":
                return
            began = time.perf_counter()
            times = work()
            batch = Batch(times, began, time.perf_counter())
            finish()
            print(json.dumps(vars(batch)), file=replies)


if __name__ == "__main__":
    main()
