"""Finds the AWS provider on this computer, so that Terraform need not fetch it.

The layout of a mirror is Terraform's own: https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror
"""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tap.terraform_release import platform_id

# The version that the bindings cdktf-cdktf-provider-aws 20.1.0 were generated from.
PROVIDER_VERSION = "5.100.0"
PROVIDER_SOURCE = "registry.terraform.io/hashicorp/aws"

_REGISTRY = "registry.terraform.io"
_SEARCH_ROOTS = ("/opt", "/usr/share", "/usr/local", "/var/lib", "/srv")
_SEARCH_DEPTH = 4
_SEARCH_SECONDS = 2.0


class ProviderMirrorError(Exception):
    """TERRAFORM_PROVIDER_MIRROR names a folder that does not hold the provider."""


def provider_mirrors(environment: Mapping[str, str] = os.environ) -> Iterator[Path]:
    """Folders that hold the AWS provider for this platform, best first, each once.

    TERRAFORM_PROVIDER_MIRROR alone counts when it is set; ProviderMirrorError when the provider is not there.
    """
    setting = environment.get("TERRAFORM_PROVIDER_MIRROR", "")
    if setting:
        mirror = Path(setting).expanduser().resolve()
        mirror = mirror.parent if mirror.name == _REGISTRY else mirror
        if not holds_provider(mirror):
            raise ProviderMirrorError(
                f"TERRAFORM_PROVIDER_MIRROR={setting}: no {PROVIDER_SOURCE} {PROVIDER_VERSION} for {platform_id()} "
                f"there. Fill it with `terraform providers mirror`, or unset it to use the public registry"
            )
        yield mirror
        return
    seen: set[Path] = set()
    for mirror in (*implied_mirrors(environment), *_search(environment)):
        if mirror not in seen and holds_provider(mirror):
            seen.add(mirror)
            yield mirror


def holds_provider(mirror: Path) -> bool:
    """Whether the provider is there for this platform, packed (a zip) or unpacked."""
    folder = mirror / PROVIDER_SOURCE
    packed = folder / f"terraform-provider-aws_{PROVIDER_VERSION}_{platform_id()}.zip"
    return packed.is_file() or is_unpacked(mirror)


def is_unpacked(mirror: Path) -> bool:
    """Whether the provider lies there as a program, which Terraform links to instead of copying."""
    folder = mirror / PROVIDER_SOURCE / PROVIDER_VERSION / platform_id()
    return any(folder.glob("terraform-provider-aws_v*"))


def implied_mirrors(environment: Mapping[str, str]) -> Iterator[Path]:
    """The folders where Terraform looks by itself.

    Source: https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
    """
    home = Path(environment.get("HOME") or Path.home())
    yield home / ".terraform.d/plugins"
    if sys.platform == "darwin":
        yield home / "Library/Application Support/io.terraform/plugins"
        yield Path("/Library/Application Support/io.terraform/plugins")
    else:
        yield Path(environment.get("XDG_DATA_HOME") or home / ".local/share") / "terraform/plugins"
        for folder in (environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"):
            yield Path(folder) / "terraform/plugins"


def _search(environment: Mapping[str, str]) -> Iterator[Path]:
    """Parents of folders named after the registry, level by level, for a bounded depth and time."""
    deadline = time.monotonic() + _SEARCH_SECONDS
    home = environment.get("HOME") or str(Path.home())
    level = [Path(root) for root in (*_SEARCH_ROOTS, home)]
    for _ in range(_SEARCH_DEPTH):
        below: list[Path] = []
        for folder in level:
            if time.monotonic() > deadline:
                return
            names = _subfolders(folder)
            if _REGISTRY in names:
                yield folder
            below.extend(folder / name for name in names if name not in (_REGISTRY, "node_modules", ".git"))
        level = below


def _subfolders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []
