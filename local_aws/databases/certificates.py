"""A certificate authority for the databases of this computer, with certificates for their servers."""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = timedelta(days=30)
CLOCK_SKEW = timedelta(minutes=5)


class CertificateAuthority:
    """Makes a key and a certificate of its own, unless `directory` has them, and issues servers' certificates.

    `ca_file` is what a client trusts (PEM). It is written last: who sees it can use what it stands for.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.ca_file = directory / "ca.pem"
        self._key_file = directory / "ca-key.pem"
        directory.mkdir(parents=True, exist_ok=True)
        if not self.ca_file.exists():
            self._create()
        self._certificate = x509.load_pem_x509_certificate(self.ca_file.read_bytes())
        key = serialization.load_pem_private_key(self._key_file.read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    def issue(self, names: Sequence[str], addresses: Sequence[str]) -> tuple[Path, Path]:
        """Files with a server's certificate for these host names and IP addresses, and with its key (PEM)."""
        first = [*names, *addresses][0]
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        alternatives = x509.SubjectAlternativeName(
            [*map(x509.DNSName, names), *(x509.IPAddress(ip_address(address)) for address in addresses)]
        )
        constraints = x509.BasicConstraints(ca=False, path_length=None)
        certificate = (
            _builder(_name(first), self._certificate.subject, key)
            .add_extension(constraints, critical=True)
            .add_extension(usage, critical=False)
            .add_extension(alternatives, critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        issued = self._directory / "issued"
        issued.mkdir(exist_ok=True)
        name = f"{first}-{certificate.serial_number:x}"
        certificate_file, key_file = issued / f"{name}.pem", issued / f"{name}-key.pem"
        _write(key_file, [_key_text(key)])
        _write(certificate_file, [_text(certificate), _text(self._certificate)])
        return certificate_file, key_file

    def _create(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Local AWS databases")
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            _builder(name, name, key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        _write(self._key_file, [_key_text(key)])
        _write(self.ca_file, [_text(certificate)])


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + VALID)
    )


def _text(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_text(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, texts: Iterable[bytes]) -> None:
    """Writes a file that only this user can read, in one step."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.writelines(texts)
    fresh.replace(path)
