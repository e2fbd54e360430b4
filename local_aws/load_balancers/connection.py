"""A client's connection to a listener."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from moto.elbv2.models import FakeListener

from local_aws.http_api.payload import HttpAnswer
from local_aws.load_balancers.rules import Request

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
Answer = Callable[[Request, bytes], HttpAnswer]


class Listening(ThreadingHTTPServer):
    """What accepts connections for a listener; `idle` is how many seconds a connection may be silent."""

    listener: FakeListener
    idle: float
    answer: Answer


class Connection(BaseHTTPRequestHandler):
    """One client's connection, kept alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listening

    def setup(self) -> None:
        self.request.settimeout(self.server.idle)
        super().setup()
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.do_handshake()

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def answer(self) -> None:
        """Passes a request on, and its answer back."""
        path, _, query = self.path.partition("?")
        listener = self.server.listener
        request = Request(
            method=self.command,
            scheme=listener.protocol.lower(),
            host=self.headers.get("Host", "").partition(":")[0].lower(),
            port=int(listener.port),
            path=path,
            query=query,
            headers={name.lower(): ",".join(self.headers.get_all(name, [])) for name in self.headers},
            source_ip=self.client_address[0],
        )
        answer = self.server.answer(request, self._body())
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _body(self) -> bytes:
        """The request's body, of a length that is known, or in chunks (RFC 9112, section 7.1)."""
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks: list[bytes] = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(chunks)

    def log_message(self, *_: object) -> None:
        """Says nothing: the targets have their own logs."""


for method in METHODS:
    setattr(Connection, f"do_{method}", Connection.answer)
