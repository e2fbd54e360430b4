"""The function knows its database by a certificate, and tells its password to no other server."""

import ssl
from pathlib import Path

import pytest

from payments import database as database_module
from payments.database import LedgerUnavailableError, tls_context
from payments.ledger import Ledger
from tests.unit.payment_system.ledger_server import LedgerServer


def test_server_that_is_not_trusted_gets_no_password(
    ledger_rows: LedgerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "tls_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    with pytest.raises(LedgerUnavailableError) as fault:
        Ledger(ledger_rows.database(retry_seconds=0.1)).check()
    assert "CERTIFICATE_VERIFY_FAILED" in str(fault.value.__cause__)


def test_certificates_of_rds_are_trusted_beside_the_systems(
    ledger_rows: LedgerServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "none.pem").write_bytes(b"")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setattr(database_module, "RDS_CERTIFICATES", tmp_path / "absent.pem")
    assert tls_context.__wrapped__().get_ca_certs() == []
    monkeypatch.setattr(database_module, "RDS_CERTIFICATES", ledger_rows.server.ca_file)
    context = tls_context.__wrapped__()
    assert len(context.get_ca_certs()) == 1
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
