"""A load of payments: clients that send each payment until it is acknowledged, and remember what they were told."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType

from tap.payment_client import NO_ANSWER, PaymentClient

CLIENTS = 4
PAUSE_SECONDS = 0.4
"""After each acknowledged payment: with several clients about one payment in 100 to 150 ms."""
RETRY_SECONDS = 0.5
SLOW_SECONDS = 3.0
"""An answer that takes longer is none for the person who waits for it."""
FAULTS_OF_THE_CALLER = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)


class LoadError(RuntimeError):
    """The load itself is wrong: nothing can be measured with it."""


@dataclass
class Sent:
    """One payment. Times are seconds since 1970; `troubles` are the ends of attempts that failed or were slow."""

    payment_id: str
    first_at: float
    acknowledged_at: float | None = None
    refused: int = 0
    troubles: list[float] = field(default_factory=list)


class PaymentLoad:
    """Runs as long as its `with` block; `connect` makes the clients of one caller, who tries them in turn."""

    def __init__(
        self,
        connect: Callable[[], Sequence[PaymentClient]],
        prefix: str,
        *,
        clients: int = CLIENTS,
        pause: float = PAUSE_SECONDS,
    ) -> None:
        self._connect = connect
        self._prefix = prefix
        self._pause = pause
        self._stopping = threading.Event()
        self._numbers = itertools.count()
        self._error: Exception | None = None
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]
        self.sent: list[Sent] = []

    def __enter__(self) -> PaymentLoad:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def check(self) -> None:
        """Raises `LoadError` if a client was told that its payments are wrong, and what else ended one."""
        if self._error:
            raise self._error

    def quiet_since(self) -> float:
        """The end of the last attempt that failed or was slow; 0 if there was none. Open attempts count as of now."""
        ends = [payment.troubles[-1] for payment in list(self.sent) if payment.troubles]
        now = time.time()
        open_ = [payment for payment in list(self.sent) if payment.acknowledged_at is None]
        return max([*ends, *(now for payment in open_ if now - payment.first_at > SLOW_SECONDS)], default=0.0)

    def acknowledged(self) -> list[str]:
        """The ids of the payments that were acknowledged."""
        return [payment.payment_id for payment in list(self.sent) if payment.acknowledged_at is not None]

    def _run(self) -> None:
        try:
            clients = deque(self._connect())
            while not self._stopping.is_set():
                self._send(clients)
                self._stopping.wait(self._pause)
        except Exception as error:
            self._error = self._error or error
            self._stopping.set()

    def _send(self, clients: deque[PaymentClient]) -> None:
        """Sends a new payment until it is acknowledged, or until the load ends; first to where the last one was."""
        payment = Sent(f"{self._prefix}-{next(self._numbers)}", time.time())
        self.sent.append(payment)
        while True:
            began = time.time()
            taken = _attempt(clients[0], payment.payment_id)
            ended = time.time()
            if not taken:
                payment.refused += 1
            if not taken or ended - began > SLOW_SECONDS:
                payment.troubles.append(ended)
            if taken:
                payment.acknowledged_at = ended
                return
            clients.rotate(-1)
            if self._stopping.wait(RETRY_SECONDS / len(clients)):
                return


def document(payment_id: str) -> dict[str, str]:
    """The payment that the load sends under this id."""
    return {
        "payment_id": payment_id,
        "amount": "12.50",
        "currency": "EUR",
        "payer_account": "DE-GAMEDAY-0001",
        "payee_account": "FR-GAMEDAY-0002",
    }


def _attempt(client: PaymentClient, payment_id: str) -> bool:
    """Whether the payment was acknowledged. Raises `LoadError`, `CredentialsError`."""
    try:
        answer = client.send("POST", "/payments", document(payment_id))
    except NO_ANSWER:
        return False
    if answer.status in FAULTS_OF_THE_CALLER:
        raise LoadError(f"{client.url} answered {answer.status} to payment {payment_id}: {answer.body}")
    return answer.status == HTTPStatus.OK
