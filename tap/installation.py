"""The installations that set-up makes: Python packages, Node packages, Terraform. Each raises SetupError with a remedy.

Runs on the standard library alone.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tap import terraform_release
from tap.toolchain import ToolchainError, cli_configuration, fetched_terraform, terraform_path

PIPENV_VERSION = "2026.10.3"
_NPM = ("npm", "--no-audit", "--no-fund", "--no-update-notifier")
_PTY = "@cdktf/node-pty-prebuilt-multiarch"
# Variables of another virtual environment, or of another project's pipenv.
_FOREIGN_PYTHON = ("PIPENV_", "VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")
_LOG_TAIL_LINES = 15


class SetupError(Exception):
    """Set-up cannot go on; the message says what to do."""


def run(command: Sequence[str], *, root: Path, log: Path, environment: dict[str, str], remedy: str) -> None:
    """Run a command with its output in `log`; SetupError with the end of that output when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as output:
        try:
            status = subprocess.run(
                command, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            ).returncode
        except OSError as error:
            raise SetupError(f"{command[0]} cannot be started: {error}. {remedy}") from error
    if status:
        tail = "\n".join(f"  | {line}" for line in log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:])
        shown = " ".join(command)
        raise SetupError(f"`{shown}` failed with exit code {status}:\n{tail}\nWhole output: {log}\n{remedy}")


def install_python_packages(root: Path, project: Path, log: Path, categories: Sequence[str]) -> None:
    """Make `project/.venv` what these categories of `project/Pipfile.lock` say; `root` holds the tools."""
    venv = project / ".venv"
    if venv.exists() and not _runs([str(venv / "bin/python"), "--version"]):
        shutil.rmtree(venv)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN_PYTHON)}
    environment |= {name: os.environ[name] for name in ("PIPENV_PYPI_MIRROR", "PIPENV_CACHE_DIR") if name in os.environ}
    environment |= {
        "PIPENV_PIPFILE": str(project / "Pipfile"),
        "PIPENV_VENV_IN_PROJECT": "1",
        "PIPENV_IGNORE_VIRTUALENVS": "1",
        "PIPENV_YES": "1",
        "PIPENV_NOSPIN": "1",
    }
    pipenv = _pipenv(root, log, environment)
    python = () if venv.exists() else ("--python", getattr(sys, "_base_executable", sys.executable))
    run(
        [*pipenv, "sync", "--categories", " ".join(categories), *python],
        root=project,
        log=log,
        environment=environment,
        remedy="Check that this computer reaches a Python package index (pip's configuration is used)",
    )


def _pipenv(root: Path, log: Path, environment: dict[str, str]) -> list[str]:
    """The pipenv on PATH, or one of the project's own."""
    if shutil.which("pipenv") and _runs(["pipenv", "--version"]):
        return ["pipenv"]
    own = root / ".tools/pipenv"
    python = own / "bin/python"
    if not _runs([str(python), "-m", "pipenv", "--version"]):
        shutil.rmtree(own, ignore_errors=True)
        remedy = "Install pipenv, or Python's venv module (Debian and Ubuntu: apt-get install python3-venv)"
        run([sys.executable, "-m", "venv", str(own)], root=root, log=log, environment=environment, remedy=remedy)
        install = [str(python), "-m", "pip", "install", "--quiet", f"pipenv=={PIPENV_VERSION}"]
        run(install, root=root, log=log, environment=environment, remedy="Install pipenv by hand, on PATH")
    return [str(python), "-m", "pipenv"]


def install_node_packages(root: Path, log: Path) -> None:
    """Make `node_modules` what package-lock.json says, with the pinned Node and a terminal module built for it.

    Install scripts of packages run for these two only. The terminal module must fit the Node that loads it,
    which is the pinned one and not the one that npm runs on.
    """
    if not shutil.which("npm"):
        raise SetupError(
            "npm is missing: install Node.js 20 or later with npm "
            "(Debian and Ubuntu: apt-get install npm; macOS: brew install node; or https://nodejs.org)"
        )
    npm = partial(run, root=root, log=log)
    binaries = root / "node_modules/.bin"
    environment = {**os.environ, "PATH": os.pathsep.join([str(binaries), os.environ.get("PATH", os.defpath)])}
    remedy = "Check that this computer reaches an npm registry (npm's configuration is used)"
    npm([*_NPM, "ci", "--ignore-scripts"], environment=dict(os.environ), remedy=remedy)
    npm([*_NPM, "rebuild", "--ignore-scripts=false", "node"], environment=dict(os.environ), remedy=remedy)
    load = [str(binaries / "node"), "-e", f"require('{_PTY}')"]
    if not _runs(load, root):
        headers = next((root / "node_modules/node/node_modules").glob("node-*/include"), None)
        if headers is not None:
            environment["npm_config_nodedir"] = str(headers.parent)
        compiler = "A C++ compiler, make and Python are needed (Debian and Ubuntu: apt-get install build-essential)"
        npm([*_NPM, "rebuild", "--ignore-scripts=false", _PTY], environment=environment, remedy=compiler)
        npm(load, environment=environment, remedy=compiler)


def install_terraform(root: Path) -> None:
    """Fetch the pinned Terraform unless a usable one is there, and find out where its provider comes from."""
    try:
        terraform_path(root)
    except ToolchainError:
        base_url = os.environ.get("TERRAFORM_DOWNLOAD_URL") or terraform_release.DOWNLOAD_URL
        terraform_release.install(fetched_terraform(root).parent, base_url=base_url)
    cli_configuration(root=root, search=True)


def _runs(command: Sequence[str], directory: Path | None = None) -> bool:
    try:
        return subprocess.run(command, cwd=directory, capture_output=True, timeout=120).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
