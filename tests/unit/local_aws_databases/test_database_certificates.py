"""Certificates that a TLS client accepts for their addresses, and for no others."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from local_aws.databases.certificates import CertificateAuthority


def handshake(server: tuple[Path, Path], authority: Path, name: str) -> str:
    """The TLS version that a client, which expects `name`, and a server agree on."""
    here, there = socket.socketpair()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*server)

    def serve() -> None:
        try:
            context.wrap_socket(there, server_side=True).close()
        except OSError:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with ssl.create_default_context(cafile=str(authority)).wrap_socket(here, server_hostname=name) as secured:
            return str(secured.version())
    finally:
        thread.join()


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    return CertificateAuthority(tmp_path / "authority")


@pytest.mark.parametrize("name", ["127.1.2.3", "127.4.5.6", "localhost"])
def test_a_certificate_is_good_for_each_of_its_names(authority: CertificateAuthority, name: str) -> None:
    issued = authority.issue(["localhost"], ["127.1.2.3", "127.4.5.6"])
    assert handshake(issued, authority.ca_file, name) == "TLSv1.3"


def test_a_certificate_is_not_good_for_another_address(authority: CertificateAuthority) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(authority.issue([], ["127.1.2.3"]), authority.ca_file, "127.1.2.4")


def test_another_authority_is_not_trusted(authority: CertificateAuthority, tmp_path: Path) -> None:
    other = CertificateAuthority(tmp_path / "other")
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
        handshake(other.issue([], ["127.1.2.3"]), authority.ca_file, "127.1.2.3")


def test_an_authority_is_made_once(authority: CertificateAuthority) -> None:
    again = CertificateAuthority(authority.ca_file.parent)
    assert handshake(again.issue([], ["127.1.2.3"]), authority.ca_file, "127.1.2.3") == "TLSv1.3"


def test_certificates_of_one_address_do_not_overwrite_each_other(authority: CertificateAuthority) -> None:
    first, second = authority.issue([], ["127.1.2.3"]), authority.issue([], ["127.1.2.3"])
    for issued in (first, second):
        assert handshake(issued, authority.ca_file, "127.1.2.3") == "TLSv1.3"


def test_keys_are_for_this_user_alone(authority: CertificateAuthority) -> None:
    _, key = authority.issue([], ["127.1.2.3"])
    assert key.stat().st_mode & 0o077 == 0
    assert (authority.ca_file.parent / "ca-key.pem").stat().st_mode & 0o077 == 0
