"""Terraforms that only know their version, and provider mirrors, made in a temporary folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tap.provider_mirror import PROVIDER_SOURCE, PROVIDER_VERSION
from tap.terraform_release import platform_id


@pytest.fixture
def terraform_of_version(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder with a program `terraform` that reports the given version."""

    def make(version: str, folder: Path | None = None) -> Path:
        folder = folder or tmp_path / f"terraform-{version}"
        folder.mkdir(parents=True)
        program = folder / "terraform"
        program.write_text(f"#!/bin/sh\necho 'Terraform v{version}'\n")
        program.chmod(0o755)
        return program

    return make


@pytest.fixture
def mirror_of(tmp_path: Path) -> Callable[..., Path]:
    """Makes a provider mirror, packed or unpacked, for a version and platform."""

    def make(
        folder: str, *, packed: bool = False, version: str = PROVIDER_VERSION, platform: str = platform_id()
    ) -> Path:
        mirror = tmp_path / folder
        provider = mirror / PROVIDER_SOURCE
        name = f"terraform-provider-aws_{version}_{platform}.zip"
        file = provider / name if packed else provider / version / platform / f"terraform-provider-aws_v{version}_x5"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"")
        return mirror

    return make
