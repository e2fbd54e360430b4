"""The tools the project runs: which Terraform, where its provider comes from, and the environment that both need.

Runs on the standard library alone, since set-up needs it before any package is installed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tap.provider_mirror import PROVIDER_SOURCE, PROVIDER_VERSION, is_unpacked, provider_mirrors

ROOT = Path(__file__).resolve().parent.parent
MINIMUM_TERRAFORM = (1, 11)

# Variables that would make Terraform work on another state, folder or command line than the one asked for.
_MISLEADING_PREFIXES = ("TF_CLI_ARGS", "TF_DATA_DIR", "TF_WORKSPACE")


class ToolchainError(Exception):
    """A tool that the project needs is missing or too old."""


def terraform_path(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Path:
    """The Terraform to use: the one on PATH if it is new enough, else the one that set-up fetched."""
    found = shutil.which("terraform", path=environment.get("PATH", ""))
    if found and is_new_enough(terraform_version(Path(found))):
        return Path(found)
    fetched = fetched_terraform(root)
    if fetched.exists():
        return fetched
    reason = f"{found} is older than 1.11" if found else "none on PATH"
    raise ToolchainError(f"no usable Terraform ({reason}): run `make setup`, which fetches one")


def fetched_terraform(root: Path = ROOT) -> Path:
    """Where set-up puts the Terraform it fetches."""
    return root / ".tools/terraform/terraform"


def terraform_version(program: Path) -> tuple[int, ...]:
    """The version of a Terraform program, `()` when it does not run."""
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    try:
        answer = subprocess.run([program, "version"], capture_output=True, text=True, timeout=60, env=environment)
    except (OSError, subprocess.SubprocessError):
        return ()
    match = re.search(r"^Terraform v(\d+)\.(\d+)\.(\d+)", answer.stdout, re.MULTILINE)
    return tuple(int(part) for part in match.groups()) if match else ()


def is_new_enough(version: tuple[int, ...]) -> bool:
    """Whether a Terraform 1.x has what the stacks need (write-only arguments, native S3 locking: 1.11)."""
    return version[:1] == (1,) and version >= MINIMUM_TERRAFORM


def environment(base: Mapping[str, str] = os.environ, *, root: Path = ROOT) -> dict[str, str]:
    """What a child needs to find the project's own Python, Node and Terraform, and the provider; without telemetry."""
    terraform = terraform_path(root, base)
    folders = [str(root / "node_modules/.bin"), str(Path(sys.executable).parent)]
    if terraform == fetched_terraform(root):
        folders.append(str(terraform.parent))
    others = [folder for folder in base.get("PATH", os.defpath).split(os.pathsep) if folder not in folders]
    child = {name: value for name, value in base.items() if not name.startswith(_MISLEADING_PREFIXES)}
    child["PATH"] = os.pathsep.join([*folders, *others])
    child["TERRAFORM_BINARY_NAME"] = str(terraform)
    child["TF_CLI_CONFIG_FILE"] = str(cli_configuration(base, root=root))
    child["CHECKPOINT_DISABLE"] = "1"
    child["DISABLE_VERSION_CHECK"] = "1"
    # `terraform providers lock` asks the public registry, mirror or not, for a lock file that nobody keeps.
    child["CDKTF_SKIP_PROVIDER_LOCK"] = "true"
    child.setdefault("NODE_NO_WARNINGS", "1")
    # Terraform and its provider read all schemas in each run and end soon after it: collecting garbage less often
    # saves processor time (https://pkg.go.dev/runtime#hdr-Environment_Variables).
    child.setdefault("GOGC", "400")
    return child


def cli_configuration(base: Mapping[str, str] = os.environ, *, root: Path = ROOT, search: bool = False) -> Path:
    """The Terraform CLI configuration to use, written when it is not there yet or `search` asks for it anew.

    A user's own configuration that says how providers are installed is used as it is, unless the setting
    TERRAFORM_PROVIDER_MIRROR says otherwise.
    """
    own = _users_configuration(base)
    if own is not None and not base.get("TERRAFORM_PROVIDER_MIRROR"):
        return own
    file = root / ".build/terraform.rc"
    setting = f"# TERRAFORM_PROVIDER_MIRROR={base.get('TERRAFORM_PROVIDER_MIRROR', '')}"
    if search or not _is_current(file, setting):
        cache = root / ".build/terraform-plugins"
        cache.mkdir(parents=True, exist_ok=True)
        mirror = next(provider_mirrors(base), None)
        temporary = file.with_name(f"terraform.rc.{os.getpid()}")
        temporary.write_text("\n".join([setting, *_configuration(mirror, cache)]) + "\n")
        temporary.replace(file)
    return file


def _users_configuration(base: Mapping[str, str]) -> Path | None:
    named = base.get("TF_CLI_CONFIG_FILE")
    file = Path(named) if named else Path(base.get("HOME") or Path.home()) / ".terraformrc"
    try:
        says = re.search(r"^\s*provider_installation\b", file.read_text(), re.MULTILINE)
    except OSError:
        return None
    return file if says else None


def _is_current(file: Path, setting: str) -> bool:
    """Whether the written configuration is for this setting and its mirror, if it names one, still exists."""
    try:
        text = file.read_text()
    except OSError:
        return False
    path = re.search(r"^ +path += (.*)$", text, re.MULTILINE)
    mirror_exists = path is None or Path(json.loads(path[1]), PROVIDER_SOURCE).is_dir()
    return text.startswith(setting + "\n") and mirror_exists


def _configuration(mirror: Path | None, cache: Path) -> Iterator[str]:
    yield "disable_checkpoint = true"
    if mirror is None or not is_unpacked(mirror):
        yield f"plugin_cache_dir = {json.dumps(str(cache))}"
        yield "plugin_cache_may_break_dependency_lock_file = true"
    if mirror is not None:
        yield f"# {PROVIDER_SOURCE} {PROVIDER_VERSION} was found on this computer"
        yield "provider_installation {"
        yield "  filesystem_mirror {"
        yield f"    path    = {json.dumps(str(mirror))}"
        yield f"    include = [{json.dumps(PROVIDER_SOURCE)}]"
        yield "  }"
        yield "  direct {"
        yield f"    exclude = [{json.dumps(PROVIDER_SOURCE)}]"
        yield "  }"
        yield "}"
