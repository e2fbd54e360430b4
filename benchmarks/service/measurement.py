"""The service and the floor by turns, at several numbers of connections, against one PostgreSQL in one run."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from boto3 import Session

from benchmarks.ledger_servers import AURORA_POSTGRESQL
from benchmarks.payment_environment import REGION, WITHOUT_PROXY, PaymentEnvironment
from benchmarks.processes import ROOT, BenchmarkError
from benchmarks.service.clients import API_KEY, pay
from benchmarks.service.service_process import Memory, Service, service
from benchmarks.warm_payment.batch import ANSWER, FLOOR, Batch
from benchmarks.warm_payment.books import Books, checked_books
from benchmarks.warm_payment.measurement import Series
from benchmarks.warm_payment.requests import documents

IN_A_TURN = {1: 60, 8: 200, 32: 320, 128: 384}
"""Payments, and as many bare transactions, in a turn, by the number of connections."""
# From the start of the servers on. After them no turn begins: a slow or busy computer makes fewer, but these at least.
BUDGET_SECONDS = 100.0
MINIMUM_TURNS = 2
WARM_UP = 64
# Nobody listens on port 1 (tcpmux): what is done after answers fails at once and is left to the relay.
AWS_AWAY = {
    "AWS_ENDPOINT_URL_EVENTBRIDGE": "http://127.0.0.1:1",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1",
}


@dataclass
class Work:
    """One kind of work in all turns, and the processor's seconds that its own process had for it."""

    series: Series = field(default_factory=Series)
    processor_seconds: float = 0.0

    def add(self, batch: Batch, name: str, processor_seconds: float) -> None:
        self.series.add([batch], name)
        self.processor_seconds += processor_seconds

    @property
    def processor_each(self) -> float:
        """Seconds of the processor for one."""
        return self.processor_seconds / len(self.series.times)


@dataclass(frozen=True)
class Load:
    """`alone` are answers while nothing is done after them, `whole` answers beside the work after others."""

    floor: Work = field(default_factory=Work)
    alone: Work = field(default_factory=Work)
    whole: Work = field(default_factory=Work)

    @property
    def processor_ratio(self) -> float:
        """How much more of the processor an answer takes than a bare transaction, both without their database."""
        return self.alone.processor_each / self.floor.processor_each


@dataclass
class ServiceMeasurement:
    """Loads by number of connections; memory of one process before the first payment and at the end."""

    loads: dict[int, Load]
    at_start: Memory = field(default_factory=Memory)
    at_end: Memory = field(default_factory=Memory)


def measure(
    turns: int, progress: Callable[[str], None], in_a_turn: Mapping[int, int] = IN_A_TURN
) -> tuple[ServiceMeasurement, Books]:
    """Everything, and the books, which were checked.

    Raises:
        BenchmarkError: A payment failed, or the ledger does not hold exactly what was sent.
    """
    result, payments, each = ServiceMeasurement({count: Load() for count in in_a_turn}), documents("payment"), 0
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        progress("service: PostgreSQL and a local AWS")
        with PaymentEnvironment.started(directory, AURORA_POSTGRESQL) as environment:
            # The function's package has the driver of Aurora MySQL alone: this is the project's own Python, with both.
            environment.migrate(ROOT / "lib" / "lambda", [sys.executable])
            variables, ends = _variables(environment), time.monotonic() + BUDGET_SECONDS
            with (
                service({**variables, **AWS_AWAY}, directory / "alone.log") as alone,
                service(variables, directory / "whole.log") as whole,
            ):
                result.at_start = whole.memory()
                for one in (alone, whole):
                    pay(one.port, max(in_a_turn), list(islice(payments, WARM_UP)))
                for turn in range(turns):
                    if turn >= MINIMUM_TURNS and time.monotonic() > ends:
                        break
                    progress(f"service: turn {turn + 1} of {turns}")
                    _take_turn(f"{turn}", environment, alone, whole, payments, result, in_a_turn)
                    each += sum(in_a_turn.values())
                result.at_end = whole.memory()
            books = checked_books(environment, payments=2 * (each + WARM_UP), transactions=each)
    return result, books


def _take_turn(
    name: str,
    environment: PaymentEnvironment,
    alone: Service,
    whole: Service,
    payments: Iterator[dict[str, object]],
    result: ServiceMeasurement,
    in_a_turn: Mapping[int, int],
) -> None:
    """One kind after the other, so that other load on the machine meets all of them."""
    for connections, count in in_a_turn.items():
        load = result.loads[connections]
        load.floor.add(*_floor(f"{name}-{connections}", environment, connections, count))
        load.alone.add(*_paid(alone, connections, list(islice(payments, count))))
        load.whole.add(*_paid(whole, connections, list(islice(payments, count))))


def _paid(one: Service, connections: int, batch: list[dict[str, object]]) -> tuple[Batch, str, float]:
    before = one.processor_seconds()
    paid = pay(one.port, connections, batch)
    return paid, ANSWER, one.processor_seconds() - before


def _floor(name: str, environment: PaymentEnvironment, threads: int, count: int) -> tuple[Batch, str, float]:
    outcome = subprocess.run(
        [sys.executable, "-m", "benchmarks.service.floor_process", name, str(threads), str(count)],
        env=environment.process_environment(ROOT / "lib" / "lambda"),
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise BenchmarkError(f"the floor failed:\n{outcome.stderr[-2000:]}")
    answer = json.loads(outcome.stdout.splitlines()[-1])
    return Batch(**answer["batch"]), FLOOR, answer["processor_seconds"]


def _variables(environment: PaymentEnvironment) -> dict[str, str]:
    keys = environment.aws.environment()
    client = Session(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], region_name=REGION).client(
        "secretsmanager", endpoint_url=environment.aws.endpoint_url, config=WITHOUT_PROXY
    )
    secret = client.create_secret(Name="payment-api-key", SecretString=API_KEY)["ARN"]
    return {
        **environment.process_environment(ROOT / "lib" / "lambda"),
        "API_KEY_SECRET_ARN": secret,
        "SERVICE_DRAIN_SECONDS": "0",
    }
