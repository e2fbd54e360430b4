"""Whether a Region's service is well: all that payments need, its writer, and what it tells the public."""

import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import Mock

import pytest

from local_aws.databases.certificates import CertificateAuthority
from payments.database import LedgerUnavailableError, tls_context
from payments.health import DeepHealth
from recovery.service_check import PublicHealth, ServiceCheck, ServiceUnhealthyError


class Api(HTTPServer):
    """Answers with `status`, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.asked: list[tuple[str, str]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        self.server.asked.append((self.headers["host"], self.path))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Says nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def service(
    *,
    role: str | None = None,
    writes: str | None = None,
    writer: bool = True,
    public: PublicHealth | None = None,
    **ill: Any,
) -> ServiceCheck:
    health = DeepHealth(
        role=Mock(**{"check.return_value": role}) if role else None,
        writes=Mock(**{"check.return_value": writes}) if writes else None,
        **{name: Mock(**{"check.side_effect": ill.get(name)}) for name in ("ledger", "sessions")},
    )
    fault = None if writer else LedgerUnavailableError()
    return ServiceCheck(health=health, writer=Mock(**{"transaction.side_effect": fault}), public=public)


def test_service_that_is_well_tells_role_and_switch() -> None:
    assert service().check() == {"healthy": True, "role": None, "writes": None}
    assert service(role="primary", writes="stopped").check() == {
        "healthy": True,
        "role": "primary",
        "writes": "stopped",
    }


def test_all_that_does_not_answer_is_named() -> None:
    with pytest.raises(ServiceUnhealthyError, match=r"does not answer: ledger, writer$"):
        service(writer=False, ledger=OSError()).check()
    with pytest.raises(ServiceUnhealthyError, match=r"does not answer: sessions$"):
        service(sessions=OSError()).check()


def test_secondary_needs_no_writer() -> None:
    assert service(role="secondary", writer=False).check()["healthy"]


@pytest.mark.parametrize("status", [200, 503, 301])
def test_public_health_is_asked_where_all_of_aws_is(api: Api, status: int) -> None:
    api.status = status
    public = PublicHealth("https://api.example.test/health?deep=no", f"http://127.0.0.1:{api.server_port}")
    if status == 200:
        assert service(public=public).check()["healthy"]
    else:
        with pytest.raises(ServiceUnhealthyError, match=r"does not answer: api$"):
            service(public=public).check()
    assert api.asked == [("api.example.test", "/health?deep=no")]


def test_public_health_needs_a_certificate_that_is_trusted_though_not_of_its_name(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = CertificateAuthority(tmp_path)
    certificate, key = authority.issue(["other.test"], [])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    api.socket = context.wrap_socket(api.socket, server_side=True)
    url = f"https://127.0.0.1:{api.server_port}/health"
    with pytest.raises(ServiceUnhealthyError, match="api"):
        service(public=PublicHealth(url, None)).check()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    tls_context.cache_clear()
    try:
        assert service(public=PublicHealth(url, None)).check()["healthy"]
    finally:
        tls_context.cache_clear()


def test_nobody_there_is_no_answer() -> None:
    # Port 1 (tcpmux) is one that nobody listens on.
    with pytest.raises(ServiceUnhealthyError, match="api"):
        service(public=PublicHealth("https://127.0.0.1:1/health", None)).check()
