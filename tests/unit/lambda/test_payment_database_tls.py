"""The function knows its database by a certificate, and tells its password to no other server."""

import re
import socket
import ssl
import sys
import tempfile
from pathlib import Path

import pytest

from local_aws.databases.certificates import CertificateAuthority
from payments import database as database_module
from payments.database import Database, LedgerUnavailableError, tls_context, trusted_file
from payments.ledger import Ledger
from tests.unit.payment_system.drivers import both_engines
from tests.unit.payment_system.ledger_server import APPLICATION, NAME, WRITER, GivenCredentials, LedgerServer


@both_engines
def test_server_that_is_not_trusted_gets_no_password(
    ledger_rows: LedgerServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context = ssl.create_default_context(cafile=CertificateAuthority(tmp_path).ca_file)
    monkeypatch.setattr(database_module, "tls_context", lambda: context)
    with pytest.raises(LedgerUnavailableError) as fault:
        Ledger(ledger_rows.database(retry_seconds=0.1)).check()
    assert re.search("certificate.verify.failed", str(fault.value.__cause__), re.IGNORECASE)


@both_engines
def test_certificate_for_another_name_is_not_taken(ledger_rows: LedgerServer, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **options: resolve(WRITER, *rest, **options))
    elsewhere = Database(
        engine=ledger_rows.engine,
        host="elsewhere.test",
        port=ledger_rows.server.port,
        name=NAME,
        credentials=GivenCredentials(APPLICATION),
        retry_seconds=0.1,
    )
    with pytest.raises(LedgerUnavailableError) as fault:
        Ledger(elsewhere).check()
    assert re.search("does not match host name|not valid for 'elsewhere.test'", str(fault.value.__cause__))


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_trusted_certificates_are_in_a_file_too(
    ledger_rows: LedgerServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    context = ssl.create_default_context(cafile=ledger_rows.server.ca_file)
    file = trusted_file(context)
    assert ssl.create_default_context(cafile=file).get_ca_certs() == context.get_ca_certs()
    assert trusted_file(context) == file
    assert list(tmp_path.iterdir()) == ([] if platform == "linux" else [file])


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
