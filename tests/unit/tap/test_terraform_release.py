import platform
import re
from pathlib import Path

import pytest

from tap.terraform_release import SHA256_SUMS, TerraformDownloadError, install, platform_id


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [("Linux", "x86_64", "linux_amd64"), ("Linux", "aarch64", "linux_arm64"), ("Darwin", "arm64", "darwin_arm64")],
)
def test_the_platform_is_named_as_terraform_names_it(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, expected: str
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert platform_id() == expected


def test_a_checksum_is_pinned_for_linux_and_macos_on_both_processors() -> None:
    assert set(SHA256_SUMS) == {f"{system}_{cpu}" for system in ("linux", "darwin") for cpu in ("amd64", "arm64")}
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in SHA256_SUMS.values())
    assert len(set(SHA256_SUMS.values())) == 4


def test_a_platform_without_checksum_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TerraformDownloadError, match=f"no checksum is pinned for platform {platform_id()}.*by hand"):
        install(tmp_path, sums={"plan9_mips": "0" * 64})


def test_an_address_that_is_no_web_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TerraformDownloadError, match=r"TERRAFORM_DOWNLOAD_URL='ftp://mirror'.*https://"):
        install(tmp_path, base_url="ftp://mirror")
