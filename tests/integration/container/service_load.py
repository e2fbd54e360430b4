"""Clients that send payments to services, each until it has an answer, and remember what was acknowledged."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.integration.container.service_processes import ANSWER_SECONDS, API_KEY, ServiceProcess

PAUSE_SECONDS = 0.02


def payment(payment_id: str, **changes: object) -> dict[str, Any]:
    return {
        "payment_id": payment_id,
        "amount": "12.50",
        "currency": "EUR",
        "payer_account": "DE89370400440532013000",
        "payee_account": "FR1420041010050500013M02606",
        **changes,
    }


@dataclass
class Load:
    """`clients` at once, whose payments have ids with this prefix.

    `statuses` are of the answers, in their order; `unanswered` requests got none.
    """

    services: Sequence[ServiceProcess]
    clients: int
    prefix: str
    acknowledged: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    statuses: list[int] = field(default_factory=list)
    unanswered: int = 0
    _ending: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._send_all, args=(number,)) for number in range(self.clients)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Lets each client end with the payment that it is at."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, acknowledged: int) -> None:
        """Raises `TimeoutError`."""
        ends = time.monotonic() + ANSWER_SECONDS
        while len(self.acknowledged) < acknowledged:
            if time.monotonic() > ends:
                raise TimeoutError(f"{len(self.acknowledged)} of {acknowledged} payments were acknowledged")
            time.sleep(PAUSE_SECONDS)

    def _send_all(self, client: int) -> None:
        turn, number = client, 0
        connections: dict[int, http.client.HTTPConnection] = {}
        while not self._ending.is_set():
            number += 1
            payment_id = f"{self.prefix}-{client}-{number}"
            self.sent.add(payment_id)
            while not self._send(payment_id, turn % len(self.services), connections) and not self._ending.is_set():
                turn += 1
                time.sleep(PAUSE_SECONDS)
        for connection in connections.values():
            connection.close()

    def _send(self, payment_id: str, number: int, connections: dict[int, http.client.HTTPConnection]) -> bool:
        """Whether the payment was acknowledged. A connection is used again for as long as the service lets it."""
        port = self.services[number].port
        connection = connections.setdefault(
            number, http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        )
        try:
            connection.request("POST", "/payments", json.dumps(payment(payment_id)), {"x-api-key": API_KEY})
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            connections.pop(number).close()
            self.unanswered += 1
            return False
        self.statuses.append(response.status)
        if response.status == 200:
            self.acknowledged.add(payment_id)
        return response.status == 200
