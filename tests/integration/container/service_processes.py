"""Services as the image runs them, each a process on this computer, around one real ledger and one local AWS."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boto3 import Session

from benchmarks.package import unpacked_package
from benchmarks.payment_environment import REGION, WITHOUT_PROXY, PaymentEnvironment

ROOT = Path(__file__).resolve().parents[3]
CODE = (ROOT / "lib" / "container", ROOT / "lib" / "lambda")
API_KEY = "a-key-of-the-tests-0123456789-0123456789"
START_SECONDS = 40
ANSWER_SECONDS = 30


@dataclass(frozen=True)
class Reply:
    """What a client sees."""

    status: int
    headers: Mapping[str, str]
    answer: dict[str, Any]


@dataclass(frozen=True)
class Surroundings:
    """What the services share. `queue_url` is of the queue that they poll."""

    environment: PaymentEnvironment
    directory: Path
    api_key_secret: str
    queue_url: str

    @classmethod
    @contextmanager
    def started(cls, directory: Path) -> Iterator[Surroundings]:
        """Raises `LocalAwsError` or `DatabaseError` when a server does not start."""
        with PaymentEnvironment.started(directory) as environment:
            environment.migrate(unpacked_package(directory / "package"))
            secret = client(environment, "secretsmanager").create_secret(Name="payment-api-key", SecretString=API_KEY)
            queue = client(environment, "sqs").create_queue(QueueName="payment-queue")
            yield cls(environment, directory, secret["ARN"], queue["QueueUrl"])

    def statuses(self) -> dict[str, str]:
        """The ledger's payments."""
        return dict(self.environment.database.execute("SELECT payment_id, status FROM payments.payments"))

    def unbalanced(self) -> list[str]:
        """Payments that do not have exactly one debit and one credit of their amount."""
        rows = self.environment.database.execute(
            "SELECT payment_id FROM payments.payments LEFT JOIN payments.ledger_entries USING (payment_id)"
            " GROUP BY payment_id HAVING COUNT(side) <> 2 OR COUNT(DISTINCT side) <> 2"
            " OR COUNT(DISTINCT ledger_entries.amount) <> 1"
        )
        return [str(row[0]) for row in rows]

    def unpublished(self) -> int:
        """Events that wait in the outbox."""
        rows = self.environment.database.execute("SELECT COUNT(*) FROM payments.outbox WHERE published_at IS NULL")
        return int(rows[0][0])

    def service(self, name: str, **changes: str) -> ServiceProcess:
        """A service that answers; `changes` are variables. Raises `TimeoutError` with the end of its log."""
        port = free_port()
        variables = {
            **self.environment.process_environment(CODE[1]),
            "PYTHONPATH": os.pathsep.join(map(str, CODE)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SERVICE_HOST": "127.0.0.1",
            "SERVICE_PORT": str(port),
            "SERVICE_DRAIN_SECONDS": "1",
            "SERVICE_VERSION": "7",
            "API_KEY_SECRET_ARN": self.api_key_secret,
            **changes,
        }
        log = self.directory / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "payment_service"],
                env=variables,
                stdout=output,
                stderr=output,
                cwd=self.directory,
            )
        service = ServiceProcess(process, port, log)
        service.wait_until_well()
        return service


@dataclass(frozen=True)
class ServiceProcess:
    """One process; as a context manager it ends with the block."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def __enter__(self) -> ServiceProcess:
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.wait()

    def call(self, method: str, path: str, document: object = None, *, key: str = API_KEY) -> Reply:
        """One request on a connection of its own."""
        body = document if isinstance(document, bytes | None) else json.dumps(document).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, path, body, {"x-api-key": key} if key else {})
            response = connection.getresponse()
            return Reply(response.status, {**response.headers}, json.loads(response.read()))
        finally:
            connection.close()

    def wait_until_well(self) -> None:
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends and self.process.poll() is None:
            with suppress(OSError):
                if self.call("GET", "/health", key="").status == 200:
                    return
            time.sleep(0.05)
        self.process.kill()
        self.process.wait()
        raise TimeoutError(f"the service did not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def lines(self) -> list[dict[str, Any]]:
        """Its logs and metrics, each of which is a line of JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def client(environment: PaymentEnvironment, service: str) -> Any:
    keys = environment.aws.environment()
    session = Session(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
    return session.client(service, endpoint_url=environment.aws.endpoint_url, config=WITHOUT_PROXY)  # type: ignore[call-overload]


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])
