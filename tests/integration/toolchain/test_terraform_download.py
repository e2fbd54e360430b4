"""Terraform fetched from a server on loopback, with a small program in the place of the real one."""

import hashlib
import io
import socket
import subprocess
import zipfile
from pathlib import Path

import pytest

from tap.terraform_release import VERSION, TerraformDownloadError, install, platform_id
from tests.integration.toolchain.conftest import FileServer

PROGRAM = b"#!/bin/sh\necho Terraform v1.11.4\n"
ADDRESS = f"/{VERSION}/terraform_{VERSION}_{platform_id()}.zip"


def archive(name: str = "terraform", content: bytes = PROGRAM) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as release:
        release.writestr("LICENSE.txt", "a licence")
        release.writestr(name, content)
    return buffer.getvalue()


def fetch(server: FileServer, directory: Path, content: bytes, *, pinned: bytes | None = None) -> Path:
    """Serve `content`, expect the checksum of `pinned` (the same unless told), and install."""
    server.files[ADDRESS] = content
    digest = hashlib.sha256(content if pinned is None else pinned).hexdigest()
    return install(directory, base_url=server.url, sums={platform_id(): digest})


def test_the_release_with_the_pinned_checksum_is_installed_and_runs(file_server: FileServer, tmp_path: Path) -> None:
    program = fetch(file_server, tmp_path / "tools", archive())
    assert subprocess.run([program], capture_output=True, text=True).stdout == "Terraform v1.11.4\n"
    assert [path.name for path in (tmp_path / "tools").iterdir()] == ["terraform"]


def test_a_release_with_another_checksum_is_refused_and_leaves_nothing(file_server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(TerraformDownloadError, match=r"SHA-256 is [0-9a-f]{64}, pinned is [0-9a-f]{64}: refused"):
        fetch(file_server, tmp_path / "tools", archive(content=b"#!/bin/sh\nevil\n"), pinned=archive())
    assert list((tmp_path / "tools").iterdir()) == []


def test_the_sums_pinned_in_the_project_refuse_any_other_file(file_server: FileServer, tmp_path: Path) -> None:
    file_server.files[ADDRESS] = archive()
    with pytest.raises(TerraformDownloadError, match="refused"):
        install(tmp_path / "tools", base_url=file_server.url)
    assert list((tmp_path / "tools").iterdir()) == []


def test_a_download_that_ends_early_is_refused_and_leaves_nothing(file_server: FileServer, tmp_path: Path) -> None:
    file_server.cut_short.add(ADDRESS)
    with pytest.raises(TerraformDownloadError, match=r"ended after \d+ of \d+ bytes"):
        fetch(file_server, tmp_path / "tools", archive())
    assert list((tmp_path / "tools").iterdir()) == []


def test_a_missing_release_is_named_with_the_remedy(file_server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(TerraformDownloadError, match=rf"{ADDRESS}: HTTP 404.*TERRAFORM_DOWNLOAD_URL"):
        install(tmp_path / "tools", base_url=file_server.url)
    assert list((tmp_path / "tools").iterdir()) == []


def test_a_server_that_does_not_answer_is_named_with_the_remedy(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(TerraformDownloadError, match=r"cannot fetch .*refused.*TERRAFORM_DOWNLOAD_URL"):
            install(tmp_path / "tools", base_url=address)


@pytest.mark.parametrize("content", [b"no zip at all", archive(name="other")], ids=["no zip", "no program"])
def test_an_archive_without_the_program_is_refused(file_server: FileServer, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(TerraformDownloadError, match="holds no program named terraform"):
        fetch(file_server, tmp_path / "tools", content)
    assert list((tmp_path / "tools").iterdir()) == []


def test_a_program_that_does_not_run_here_is_refused(file_server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(TerraformDownloadError, match="does not run here"):
        fetch(file_server, tmp_path / "tools", archive(content=b"#!/bin/sh\nexit 1\n"))
    assert list((tmp_path / "tools").iterdir()) == []
