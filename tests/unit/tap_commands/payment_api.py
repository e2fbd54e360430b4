"""A payment API on loopback that gives the answers it is told to, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class FakePaymentApi:
    """`answers` are given one after the other: status, body and headers; None breaks the connection."""

    url: str
    answers: list[tuple[int, Any, dict[str, str]] | None] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def will_answer(self, status: int, body: Any, **headers: str) -> None:
        self.answers.append((status, body, {name.replace("_", "-"): value for name, value in headers.items()}))

    def will_break(self) -> None:
        self.answers.append(None)

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[FakePaymentApi]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        api = cls(f"http://127.0.0.1:{server.server_port}")
        _Handler.apis[server.server_port] = api
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield api
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    apis: dict[int, FakePaymentApi] = {}  # noqa: RUF012 - shared on purpose: the server makes a handler per request

    def _answer(self) -> None:
        api = self.apis[self.server.server_address[1]]  # type: ignore[index]
        length = int(self.headers.get("content-length", 0))
        text = self.rfile.read(length).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        api.asked.append(Asked(self.command, self.path, headers, json.loads(text) if text else None))
        answer = api.answers.pop(0)
        if answer is None:
            self.connection.close()
            return
        status, body, extra = answer
        sent = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in {**extra, "content-length": str(len(sent))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_POST = _answer  # noqa: N815 - names of the base class

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing."""
