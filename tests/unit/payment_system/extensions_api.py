"""Lambda's Extensions API as an extension sees it, on loopback."""

import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

REGISTER = "POST /2020-01-01/extension/register"
NEXT = "GET /2020-01-01/extension/event/next"
ANSWER_SECONDS = 10.0


class ExtensionsApi:
    """Registers an extension and gives it the events that a test puts in; None in place of an event refuses."""

    def __init__(self) -> None:
        self.registrations: list[tuple[str | None, Any]] = []
        self.asked = threading.Semaphore(0)
        self.askers: list[str | None] = []
        self.refuses = False
        self._events: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        """Refuses what is still asked for when the block ends."""
        api = cls()
        thread = threading.Thread(target=api._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield api
        finally:
            api.refuse()
            api._server.shutdown()
            api._server.server_close()
            thread.join(ANSWER_SECONDS)

    @property
    def address(self) -> str:
        """As in AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def invoke(self, request_id: str, *, seconds: float = 30.0) -> None:
        """Tells the extension of an invocation that may take so many seconds."""
        deadline = int((time.time() + seconds) * 1000)
        self._events.put({"eventType": "INVOKE", "requestId": request_id, "deadlineMs": deadline})

    def refuse(self) -> None:
        self._events.put(None)

    def asked_for_next(self, seconds: float = ANSWER_SECONDS) -> bool:
        """Whether the extension asks for the next event once more: it has nothing left to do."""
        return self.asked.acquire(timeout=seconds)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert f"POST {self.path}" == REGISTER
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.registrations.append((self.headers["Lambda-Extension-Name"], body))
                self._answer(403 if api.refuses else 200, {}, {"Lambda-Extension-Identifier": "extension-1"})

            def do_GET(self) -> None:
                assert f"GET {self.path}" == NEXT
                api.askers.append(self.headers["Lambda-Extension-Identifier"])
                api.asked.release()
                event = api._events.get()
                self._answer(200 if event else 500, event or {}, {})

            def _answer(self, status: int, body: object, headers: dict[str, str]) -> None:
                content = json.dumps(body).encode() if body else b""
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_arguments: object) -> None:
                """Says nothing."""

        return Handler
