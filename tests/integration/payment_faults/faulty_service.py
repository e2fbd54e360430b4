"""An AWS service that throttles, fails, is slow or is gone: an HTTP proxy in front of the local AWS."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SLOW_SECONDS = 3.0
"""Longer than the function's clients wait for an answer."""


class Mode(StrEnum):
    """What the service does with a request."""

    WORKS = "works"
    THROTTLES = "throttles"
    FAILS = "fails"
    SLOW = "slow"
    GONE = "gone"
    LOSES_ANSWERS = "loses answers"
    """It does what it is asked, and the connection breaks."""
    FAILS_PARTIALLY = "fails partially"
    """EventBridge takes every other entry of PutEvents."""


class FaultyService:
    """The proxy. `mode` may be set at any time; `met` counts the requests that met each mode."""

    def __init__(self, port: int) -> None:
        self.mode = Mode.WORKS
        self.met: Counter[Mode] = Counter()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def setup(self) -> None:
                super().setup()
                self.upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = service.answer(self.upstream, self.path, dict(self.headers.items()), body)
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, content = answer
                self.send_response_only(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def finish(self) -> None:
                self.upstream.close()
                with suppress(OSError):
                    super().finish()

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: object, client_address: object) -> None:
                """Clients that gave up are expected here."""

        self._server = Server(("127.0.0.1", 0), Handler)

    @classmethod
    @contextmanager
    def started(cls, port: int) -> Iterator[FaultyService]:
        """A proxy of the local AWS at this port."""
        service = cls(port)
        thread = threading.Thread(target=service._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield service
        finally:
            service._server.shutdown()
            service._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(
        self, upstream: http.client.HTTPConnection, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes] | None:
        """Status, headers and body; None when the connection is to break without an answer."""
        mode = self.mode
        self.met[mode] += 1
        if mode is Mode.GONE:
            return None
        if mode is Mode.THROTTLES:
            return _error(400, "ThrottlingException", "Rate exceeded")
        if mode is Mode.FAILS:
            return _error(500, "InternalServerError", "The service failed")
        if mode is Mode.SLOW:
            time.sleep(SLOW_SECONDS)
        if mode is Mode.FAILS_PARTIALLY and headers.get("X-Amz-Target", "").endswith("PutEvents"):
            return self._put_some(upstream, path, headers, json.loads(body))
        answer = _forward(upstream, path, headers, body)
        return None if mode is Mode.LOSES_ANSWERS else answer

    def _put_some(
        self, upstream: http.client.HTTPConnection, path: str, headers: dict[str, str], request: dict[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        """Every other entry, the first of all or the second by turns, is taken."""
        first = self.met[Mode.FAILS_PARTIALLY] % 2
        kept = request["Entries"][first::2]
        results = [{"ErrorCode": "InternalFailure", "ErrorMessage": "The service failed"} for _ in request["Entries"]]
        if kept:
            body = json.dumps({"Entries": kept}).encode()
            _, _, content = _forward(upstream, path, {**headers, "Content-Length": str(len(body))}, body)
            results[first::2] = json.loads(content)["Entries"]
        failed = sum("ErrorCode" in result for result in results)
        answer = {"FailedEntryCount": failed, "Entries": results}
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()


def _error(status: int, code: str, message: str) -> tuple[int, dict[str, str], bytes]:
    return (
        status,
        {"Content-Type": "application/x-amz-json-1.1"},
        json.dumps({"__type": code, "message": message}).encode(),
    )


def _forward(
    upstream: http.client.HTTPConnection, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    upstream.request("POST", path, body, headers)
    response = upstream.getresponse()
    content = response.read()
    kept = {
        name: value
        for name, value in response.getheaders()
        if name.lower() not in ("connection", "content-length", "transfer-encoding")
    }
    return response.status, kept, content
