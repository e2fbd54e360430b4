from collections.abc import Callable
from pathlib import Path

import pytest

from tap import provider_mirror
from tap.provider_mirror import ProviderMirrorError, holds_provider, implied_mirrors, provider_mirrors


@pytest.fixture(autouse=True)
def no_search_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_mirror, "_SEARCH_ROOTS", ())


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "unpacked"])
def test_a_mirror_with_the_provider_is_accepted(mirror_of: Callable[..., Path], packed: bool) -> None:
    assert holds_provider(mirror_of("mirror", packed=packed))


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "unpacked"])
@pytest.mark.parametrize("other", [{"version": "5.99.0"}, {"platform": "plan9_mips"}], ids=["version", "platform"])
def test_a_mirror_with_another_provider_is_not(
    mirror_of: Callable[..., Path], packed: bool, other: dict[str, str]
) -> None:
    assert not holds_provider(mirror_of("mirror", packed=packed, **other))


def test_the_setting_wins_over_everything_else(tmp_path: Path, mirror_of: Callable[..., Path]) -> None:
    mirror_of("home/.terraform.d/plugins")
    named = mirror_of("named")
    environment = {"HOME": str(tmp_path / "home"), "TERRAFORM_PROVIDER_MIRROR": str(named)}
    assert list(provider_mirrors(environment)) == [named]


def test_the_setting_may_name_the_registry_folder_itself(mirror_of: Callable[..., Path]) -> None:
    named = mirror_of("named")
    environment = {"TERRAFORM_PROVIDER_MIRROR": str(named / "registry.terraform.io")}
    assert list(provider_mirrors(environment)) == [named]


def test_a_setting_that_holds_no_provider_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ProviderMirrorError, match=r"TERRAFORM_PROVIDER_MIRROR=.*empty.*terraform providers mirror"):
        list(provider_mirrors({"TERRAFORM_PROVIDER_MIRROR": str(tmp_path / "empty")}))


@pytest.mark.parametrize("folder", ["home/.terraform.d/plugins", "data/terraform/plugins", "share/terraform/plugins"])
def test_the_folders_that_terraform_implies_are_used(
    tmp_path: Path, mirror_of: Callable[..., Path], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    mirror = mirror_of(folder)
    environment = {
        "HOME": str(tmp_path / "home"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_DATA_DIRS": f"/nonexistent:{tmp_path / 'share'}",
    }
    assert next(provider_mirrors(environment)) == mirror


def test_macos_has_its_own_implied_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    implied = list(implied_mirrors({"HOME": str(tmp_path)}))
    assert tmp_path / "Library/Application Support/io.terraform/plugins" in implied


def test_a_registry_folder_under_home_is_found_but_not_below_the_depth_searched(
    tmp_path: Path, mirror_of: Callable[..., Path]
) -> None:
    environment = {"HOME": str(tmp_path), "XDG_DATA_DIRS": "/nonexistent"}
    mirror_of("a/b/c/d/e/mirror")
    assert list(provider_mirrors(environment)) == []
    shallow = mirror_of("a/mirror")
    assert list(provider_mirrors(environment)) == [shallow]


def test_the_search_ends_when_its_time_is_up(
    tmp_path: Path, mirror_of: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror_of("a/mirror")
    monkeypatch.setattr(provider_mirror, "_SEARCH_SECONDS", -1.0)
    assert list(provider_mirrors({"HOME": str(tmp_path), "XDG_DATA_DIRS": "/nonexistent"})) == []
