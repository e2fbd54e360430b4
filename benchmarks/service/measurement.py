"""The service and the floor by turns, at several numbers of connections, against one database in one run."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from boto3 import Session

from benchmarks.package import unpacked_package
from benchmarks.payment_environment import REGION, WITHOUT_PROXY, PaymentEnvironment
from benchmarks.processes import ROOT, BenchmarkError
from benchmarks.service.clients import API_KEY, pay
from benchmarks.service.service_process import Service, service
from benchmarks.warm_payment.batch import ANSWER, FLOOR, Batch
from benchmarks.warm_payment.books import Books, checked_books
from benchmarks.warm_payment.measurement import Series
from benchmarks.warm_payment.requests import documents

IN_A_TURN = {1: 60, 8: 240, 32: 480, 128: 640}
"""Payments, and as many bare transactions, in a turn, by the number of connections."""
# The service's own default: the floor has as many connections to the database, and no more than there are clients.
THREADS = 16
WARM_UP = 64
# Nobody listens on port 1 (tcpmux): what is done after answers fails at once and is left to the relay.
AWS_AWAY = {
    "AWS_ENDPOINT_URL_EVENTBRIDGE": "http://127.0.0.1:1",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1",
}


@dataclass(frozen=True)
class Load:
    """`alone` are answers while nothing is done after them, `whole` answers beside the work after others."""

    floor: Series = field(default_factory=Series)
    alone: Series = field(default_factory=Series)
    whole: Series = field(default_factory=Series)

    @property
    def ratio(self) -> float:
        """The answers per second, as a part of the bare transactions per second."""
        return self.alone.per_second / self.floor.per_second


@dataclass
class ServiceMeasurement:
    """By number of connections; memory of one process in megabytes, before the first payment and at the end."""

    loads: dict[int, Load] = field(default_factory=lambda: {count: Load() for count in IN_A_TURN})
    megabytes_at_start: float = 0.0
    megabytes_at_end: float = 0.0


def measure(turns: int, progress: Callable[[str], None]) -> tuple[ServiceMeasurement, Books]:
    """Everything, and the books, which were checked.

    Raises:
        BenchmarkError: A payment failed, or the ledger does not hold exactly what was sent.
    """
    result, payments = ServiceMeasurement(), documents("payment")
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        progress("service: a database and a local AWS")
        with PaymentEnvironment.started(directory) as environment:
            environment.migrate(unpacked_package(directory / "package"))
            variables = _variables(environment)
            with (
                service({**variables, **AWS_AWAY}, directory / "alone.log") as alone,
                service(variables, directory / "whole.log") as whole,
            ):
                result.megabytes_at_start = whole.megabytes()
                for one in (alone, whole):
                    pay(one.port, THREADS, list(islice(payments, WARM_UP)))
                for turn in range(turns):
                    progress(f"service: turn {turn + 1} of {turns}")
                    _take_turn(f"{turn}", environment, alone, whole, payments, result)
                result.megabytes_at_end = whole.megabytes()
            each = turns * sum(IN_A_TURN.values())
            books = checked_books(environment, payments=2 * (each + WARM_UP), transactions=each)
    return result, books


def _take_turn(
    name: str,
    environment: PaymentEnvironment,
    alone: Service,
    whole: Service,
    payments: Iterator[dict[str, object]],
    result: ServiceMeasurement,
) -> None:
    """One kind after the other, so that other load on the machine meets all of them."""
    for connections, count in IN_A_TURN.items():
        load = result.loads[connections]
        load.floor.add([_floor(f"{name}-{connections}", environment, min(connections, THREADS), count)], FLOOR)
        load.alone.add([pay(alone.port, connections, list(islice(payments, count)))], ANSWER)
        load.whole.add([pay(whole.port, connections, list(islice(payments, count)))], ANSWER)


def _floor(name: str, environment: PaymentEnvironment, threads: int, count: int) -> Batch:
    outcome = subprocess.run(
        [sys.executable, "-m", "benchmarks.service.floor_process", name, str(threads), str(count)],
        env=environment.process_environment(ROOT / "lib" / "lambda"),
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        raise BenchmarkError(f"the floor failed:\n{outcome.stderr[-2000:]}")
    return Batch(**json.loads(outcome.stdout.splitlines()[-1]))


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
        "SERVICE_THREADS": str(THREADS),
    }
