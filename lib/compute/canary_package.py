"""The package of the canaries: their scripts as CloudWatch Synthetics wants them, the same bytes on every machine.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_WritingCanary_Python.html
"""

import base64
import hashlib
import tempfile
from pathlib import Path

from lib.compute.archive import source_files, write_archive
from lib.compute.package import ROOT, Package

CACHE = ROOT / ".build" / "canary"
NAME = "payment_canaries.zip"
FOLDER = "python"
"""Where Synthetics looks for scripts in a package."""


def build_canary_package(root: Path = ROOT, cache: Path = CACHE) -> Package:
    """The package of the project in `root`. It appears in `cache` whole or not at all. Raises `PackageError`."""
    scripts = {f"{FOLDER}/{name}": path for name, path in source_files(root / "lib" / "canary").items()}
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".building-") as scratch:
        built = Path(scratch) / NAME
        write_archive(built, scripts)
        digest = hashlib.sha256(built.read_bytes()).digest()
        kept = cache / f"{digest.hex()[:16]}-{NAME}"
        built.replace(kept)
    return Package(kept, base64.b64encode(digest).decode())
