"""The pinned Terraform release: which one, its checksums, and how it is fetched.

Runs on the standard library alone, since set-up needs it before any package is installed.
"""

import hashlib
import platform
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

VERSION = "1.11.4"
DOWNLOAD_URL = "https://releases.hashicorp.com/terraform"

# SHA-256 of terraform_1.11.4_<platform>.zip. Taken from public packagings of this release (Homebrew, Nix, Arch,
# ChromeOS), which agree; the signature of HashiCorp's own terraform_1.11.4_SHA256SUMS was not checked.
SHA256_SUMS = {
    "darwin_amd64": "a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b",
    "darwin_arm64": "867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18",
    "linux_amd64": "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
    "linux_arm64": "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
}

_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_TIMEOUT_SECONDS = 60
_CHUNK_BYTES = 1 << 20


class TerraformDownloadError(Exception):
    """The pinned Terraform could not be fetched, or is not the one that was pinned."""


def platform_id() -> str:
    """This computer in Terraform's words, such as `linux_amd64`."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{_ARCHITECTURES.get(machine, machine)}"


def install(
    directory: Path,
    *,
    base_url: str = DOWNLOAD_URL,
    version: str = VERSION,
    sums: Mapping[str, str] = SHA256_SUMS,
) -> Path:
    """Fetch Terraform for this platform into `directory` and return the path of the program.

    The archive is unpacked only after its SHA-256 is the pinned one; on any error nothing is left behind.
    """
    target = platform_id()
    if target not in sums:
        raise TerraformDownloadError(
            f"no checksum is pinned for platform {target}: install Terraform {version} or later 1.x by hand, on PATH"
        )
    if not base_url.startswith(("https://", "http://")):
        raise TerraformDownloadError(f"TERRAFORM_DOWNLOAD_URL={base_url!r}: must start with https:// or http://")
    url = f"{base_url.rstrip('/')}/{version}/terraform_{version}_{target}.zip"
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".download-") as temporary:
        archive = Path(temporary, "terraform.zip")
        actual = _download(url, archive)
        if actual != sums[target]:
            raise TerraformDownloadError(
                f"{url}: SHA-256 is {actual}, pinned is {sums[target]}: refused. Use another TERRAFORM_DOWNLOAD_URL, "
                "or install Terraform by hand, on PATH"
            )
        program = _unpack(archive, Path(temporary, "terraform"))
        return program.replace(directory / "terraform")


def _download(url: str, archive: Path) -> str:
    """Save `url` as `archive`; the SHA-256 of what arrived."""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response, archive.open("wb") as file:
            digest, size = _copy(response, file)
            expected = response.headers.get("Content-Length")
    except OSError as error:
        reason = f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else error
        raise TerraformDownloadError(
            f"cannot fetch {url}: {reason}. Install Terraform {VERSION} on PATH, "
            "or set TERRAFORM_DOWNLOAD_URL to a server that has the release"
        ) from error
    if expected is not None and size != int(expected):
        raise TerraformDownloadError(f"{url}: ended after {size} of {expected} bytes. Run the set-up again")
    return digest


def _copy(source: BinaryIO, target: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK_BYTES):
        digest.update(chunk)
        size += target.write(chunk)
    return digest.hexdigest(), size


def _unpack(archive: Path, program: Path) -> Path:
    try:
        with zipfile.ZipFile(archive) as release, release.open("terraform") as source, program.open("wb") as target:
            shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, KeyError) as error:
        raise TerraformDownloadError(f"the archive holds no program named terraform: {error}") from error
    program.chmod(0o755)
    try:
        subprocess.run([program, "version"], check=True, capture_output=True, timeout=_TIMEOUT_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise TerraformDownloadError(f"the fetched Terraform does not run here: {error}") from error
    return program
