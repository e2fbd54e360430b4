import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tap import provider_mirror
from tap.toolchain import (
    ToolchainError,
    cli_configuration,
    environment,
    fetched_terraform,
    is_new_enough,
    terraform_path,
    terraform_version,
)


@pytest.fixture(autouse=True)
def no_search_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_mirror, "_SEARCH_ROOTS", ())


@pytest.fixture
def base(tmp_path: Path, terraform_of_version: Callable[..., Path]) -> dict[str, str]:
    """A user's environment with a Terraform 1.12.0 on PATH and nothing else of interest."""
    folder = terraform_of_version("1.12.0").parent
    return {"HOME": str(tmp_path / "home"), "XDG_DATA_DIRS": "/nonexistent", "PATH": f"{folder}:{os.defpath}"}


def test_a_new_enough_terraform_on_path_is_used(base: dict[str, str], tmp_path: Path) -> None:
    assert terraform_path(tmp_path, base) == tmp_path / "terraform-1.12.0/terraform"


def test_an_old_terraform_on_path_gives_way_to_the_fetched_one(
    tmp_path: Path, terraform_of_version: Callable[..., Path]
) -> None:
    old = terraform_of_version("1.10.5").parent
    fetched = terraform_of_version("1.11.4", folder=fetched_terraform(tmp_path).parent)
    assert terraform_path(tmp_path, {"PATH": str(old)}) == fetched


def test_no_usable_terraform_is_an_error_that_names_the_remedy(
    tmp_path: Path, terraform_of_version: Callable[..., Path]
) -> None:
    old = terraform_of_version("1.10.5")
    with pytest.raises(ToolchainError, match=rf"{old} is older than 1\.11.*make setup"):
        terraform_path(tmp_path, {"PATH": str(old.parent)})
    with pytest.raises(ToolchainError, match=r"none on PATH.*make setup"):
        terraform_path(tmp_path, {"PATH": "/nonexistent"})


@pytest.mark.parametrize(
    ("version", "enough"),
    [((1, 11, 0), True), ((1, 14, 2), True), ((1, 10, 9), False), ((0, 15, 0), False), ((2, 0, 0), False), ((), False)],
)
def test_terraform_1_11_or_a_later_1_x_is_new_enough(version: tuple[int, ...], enough: bool) -> None:
    assert is_new_enough(version) is enough


def test_a_program_that_does_not_run_has_no_version(tmp_path: Path) -> None:
    assert terraform_version(tmp_path / "missing") == ()


def test_the_environment_puts_the_projects_tools_first_and_turns_telemetry_off(
    base: dict[str, str], tmp_path: Path
) -> None:
    child = environment(base, root=tmp_path)
    expected = [str(tmp_path / "node_modules/.bin"), str(Path(sys.executable).parent)]
    assert child["PATH"].split(os.pathsep)[:2] == expected
    assert child["TERRAFORM_BINARY_NAME"] == str(tmp_path / "terraform-1.12.0/terraform")
    assert child["TF_CLI_CONFIG_FILE"] == str(tmp_path / ".build/terraform.rc")
    assert (child["CHECKPOINT_DISABLE"], child["DISABLE_VERSION_CHECK"], child["GOGC"]) == ("1", "1", "400")


def test_the_environment_keeps_what_the_user_set_but_not_what_misleads_terraform(
    base: dict[str, str], tmp_path: Path
) -> None:
    misleading = {"TF_WORKSPACE": "other", "TF_CLI_ARGS_apply": "-target=x", "TF_DATA_DIR": "/elsewhere"}
    child = environment({**base, **misleading, "AWS_PROFILE": "work", "GOGC": "50"}, root=tmp_path)
    assert (child["AWS_PROFILE"], child["GOGC"]) == ("work", "50")
    assert not misleading.keys() & child.keys()


def test_a_fetched_terraform_is_on_the_childs_path(tmp_path: Path, terraform_of_version: Callable[..., Path]) -> None:
    fetched = terraform_of_version("1.11.4", folder=fetched_terraform(tmp_path).parent)
    child = environment({"HOME": str(tmp_path), "PATH": "/nonexistent"}, root=tmp_path)
    assert str(fetched.parent) in child["PATH"].split(os.pathsep)


def test_an_unpacked_mirror_is_configured_without_a_cache(
    base: dict[str, str], tmp_path: Path, mirror_of: Callable[..., Path]
) -> None:
    mirror = mirror_of("home/.terraform.d/plugins")
    text = cli_configuration(base, root=tmp_path).read_text()
    assert f'path    = "{mirror}"' in text
    assert text.count('["registry.terraform.io/hashicorp/aws"]') == 2
    assert "disable_checkpoint = true" in text
    assert "plugin_cache_dir" not in text


def test_a_packed_mirror_is_configured_with_a_cache(
    base: dict[str, str], tmp_path: Path, mirror_of: Callable[..., Path]
) -> None:
    mirror_of("home/.terraform.d/plugins", packed=True)
    text = cli_configuration(base, root=tmp_path).read_text()
    assert "filesystem_mirror" in text
    assert f'plugin_cache_dir = "{tmp_path / ".build/terraform-plugins"}"' in text
    assert (tmp_path / ".build/terraform-plugins").is_dir()


def test_without_a_mirror_terraform_uses_the_registry_and_a_cache(base: dict[str, str], tmp_path: Path) -> None:
    text = cli_configuration(base, root=tmp_path).read_text()
    assert "provider_installation" not in text
    assert "plugin_cache_dir" in text


def test_a_configuration_is_kept_until_its_mirror_goes_or_the_setting_changes(
    base: dict[str, str], tmp_path: Path, mirror_of: Callable[..., Path]
) -> None:
    first = mirror_of("home/.terraform.d/plugins")
    file = cli_configuration(base, root=tmp_path)
    other = mirror_of("named")
    assert str(first) in cli_configuration(base, root=tmp_path).read_text()
    named = cli_configuration({**base, "TERRAFORM_PROVIDER_MIRROR": str(other)}, root=tmp_path)
    assert (named, str(other) in named.read_text()) == (file, True)
    first.rename(tmp_path / "gone")
    assert str(first) not in cli_configuration(base, root=tmp_path).read_text()


def test_a_users_own_provider_installation_is_respected(base: dict[str, str], tmp_path: Path) -> None:
    own = tmp_path / "own.tfrc"
    own.write_text('provider_installation {\n  network_mirror { url = "https://mirror.invalid/" }\n}\n')
    assert cli_configuration({**base, "TF_CLI_CONFIG_FILE": str(own)}, root=tmp_path) == own
    own.rename(tmp_path / "home.tfrc")
    (tmp_path / "home").mkdir()
    (tmp_path / "home.tfrc").rename(tmp_path / "home/.terraformrc")
    assert cli_configuration(base, root=tmp_path) == tmp_path / "home/.terraformrc"


def test_a_configuration_file_that_does_not_exist_is_replaced(base: dict[str, str], tmp_path: Path) -> None:
    file = cli_configuration({**base, "TF_CLI_CONFIG_FILE": "/nonexistent/terraformrc"}, root=tmp_path)
    assert file == tmp_path / ".build/terraform.rc"
