"""Clients that pay all the time, and remember what was acknowledged: what must be there afterwards."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from local_aws.demo.payments import wait_until
from tap.payment_client import NO_ANSWER, PaymentClient

CLIENTS = 3
PAUSE_SECONDS = 0.25
PATIENCE_SECONDS = 240


class PaymentLoad:
    """`acknowledged` has when each payment's client got its 200; `answers` counts all answers by status."""

    def __init__(self, clients: Callable[[], PaymentClient], name: str) -> None:
        self.acknowledged: dict[str, datetime] = {}
        self.answers: Counter[int] = Counter()
        self._clients = clients
        self._name = name
        self._numbers = itertools.count(1)
        self._ending = threading.Event()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Clients pay until the block ends, and until each has its answer."""
        threads = [threading.Thread(target=self._pay) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ending.set()
            for thread in threads:
                thread.join()

    def wait_for_more(self, count: int) -> None:
        """Returns once so many more payments were acknowledged."""
        wanted = len(self.acknowledged) + count
        assert wait_until(lambda: len(self.acknowledged) >= wanted, PATIENCE_SECONDS), self.answers

    def between(self, begin: datetime, end: datetime) -> set[str]:
        """The payments that were acknowledged in a span."""
        return {id_ for id_, at in self.acknowledged.items() if begin < at <= end}

    def _pay(self) -> None:
        client = self._clients()
        while not self._ending.is_set():
            payment_id = f"{self._name}-{next(self._numbers)}"
            if self._send(client, payment_id):
                self.acknowledged[payment_id] = datetime.now(UTC)
            time.sleep(PAUSE_SECONDS)

    def _send(self, client: PaymentClient, payment_id: str) -> bool:
        """Sends until there is an answer that is final, as a client does."""
        body = {
            "payment_id": payment_id,
            "amount": "12.50",
            "currency": "EUR",
            "payer_account": "DE-PAYER-0001",
            "payee_account": "FR-PAYEE-0002",
        }
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                status = client.send("POST", "/payments", body).status
            except NO_ANSWER:
                status = 0
            self.answers[status] += 1
            if 200 <= status < 500:
                return status == 200
            time.sleep(PAUSE_SECONDS)
        return False
