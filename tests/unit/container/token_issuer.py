"""An issuer of tokens on this computer, with its discovery document and its keys."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"


class TokenIssuer:
    """`asked` are the paths that were asked for; with `answers` False the issuer is of no use."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers = True
        self.keys: dict[str, RSAPrivateKey] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        issuer = cls()
        issuer.rotate("first")
        thread = threading.Thread(target=issuer._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield issuer
        finally:
            issuer._server.shutdown()
            issuer._server.server_close()
            thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def rotate(self, key_id: str) -> None:
        """One more key, with which tokens are signed from now on."""
        self.keys[key_id] = generate_private_key(65537, 2048)

    def token(self, **changes: Any) -> str:
        """A token for the audience `payments`; None takes a claim away."""
        key_id = list(self.keys)[-1]
        claims = {"iss": self.url, "aud": "payments", "sub": "client", "exp": time.time() + 60, **changes}
        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(given, self.keys[key_id], algorithm="RS256", headers={"kid": key_id})

    def _document(self, path: str) -> object:
        if path == DISCOVERY:
            return {"issuer": self.url, "jwks_uri": f"{self.url}{KEYS}"}
        public = {key_id: json.loads(RSAAlgorithm.to_jwk(key.public_key())) for key_id, key in self.keys.items()}
        return {"keys": [{**key, "kid": key_id, "use": "sig", "alg": "RS256"} for key_id, key in public.items()]}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                content = json.dumps(issuer._document(self.path)).encode()
                self.send_response(200 if issuer.answers else 500)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_arguments: object) -> None:
                """Says nothing."""

        return Handler
