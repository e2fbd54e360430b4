"""Set-up as a user runs it, in a copy of the project, with programs on PATH that note how they were called."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tap.terraform_release import VERSION, platform_id
from tap.toolchain import ROOT
from tests.integration.toolchain.conftest import FileServer

PIPENV = """
if [ "$1" = --version ]; then exit 0; fi
echo "pipenv $* in $PWD of $PIPENV_PIPFILE, own: ${VIRTUAL_ENV:-none} ${PIPENV_CUSTOM_VENV_NAME:-none}" >> "$CALLS"
if [ -n "${OFFLINE:-}" ]; then echo 'no index reached'; exit 1; fi
mkdir -p .venv/bin
printf '#!/bin/sh\\necho "python $*" >> "$CALLS"; mkdir -p .build/lambda\\n' > .venv/bin/python
chmod +x .venv/bin/python
"""

NPM = """
echo "npm $*" >> "$CALLS"
mkdir -p node_modules/.bin
printf '#!/bin/sh\\nexit 0\\n' > node_modules/.bin/node
cp node_modules/.bin/node node_modules/.bin/cdktf
chmod +x node_modules/.bin/*
"""

TERRAFORM = "echo 'Terraform v1.11.4'\n"


class Project:
    """A copy of what set-up reads, and a PATH of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder.parent / "programs"
        self.calls_file = folder.parent / "calls"
        self.environment = {
            "PATH": str(self.programs),
            "HOME": str(folder.parent / "home"),
            "CALLS": str(self.calls_file),
        }

    def install(self, name: str, script: str) -> None:
        self.programs.mkdir(exist_ok=True)
        program = self.programs / name
        program.write_text(f"#!/bin/sh\n{script}")
        program.chmod(0o755)

    def set_up(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run setup.sh; `calls` then holds what this run called."""
        self.calls_file.write_text("")
        return subprocess.run(
            [self.folder / "setup.sh", *arguments],
            env=self.environment | environment,
            cwd="/",
            capture_output=True,
            text=True,
        )

    @property
    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "a project"
    (folder / "policy").mkdir(parents=True)
    for name in ("Pipfile.lock", "policy/Pipfile.lock", "package.json", "package-lock.json", "setup.sh"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("tap", "lib/lambda", "lib/compute"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    made = Project(folder)
    made.install("pipenv", PIPENV)
    made.install("npm", NPM)
    made.install("terraform", TERRAFORM)
    for name in ("mariadbd", "mariadb-install-db", "postgres", "initdb"):
        made.install(name, "exit 0\n")
    made.install("python3", f'exec "{sys.executable}" "$@"\n')
    for name in ("dirname", "mkdir", "chmod", "cp", "sh"):
        (made.programs / name).symlink_to(str(shutil.which(name)))
    return made


def test_everything_is_set_up_once_and_then_left_alone(project: Project) -> None:
    first = project.set_up()
    assert first.returncode == 0, first.stderr
    assert any(call.startswith("pipenv sync --categories packages dev-packages lambda") for call in project.calls)
    assert any("ci --ignore-scripts" in call for call in project.calls)
    assert "python -m lib.compute.package" in project.calls
    started = time.monotonic()
    second = project.set_up()
    assert (second.returncode, second.stdout, project.calls) == (0, "", [])
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("changed", "called"),
    [("Pipfile.lock", "pipenv sync"), ("package-lock.json", "npm "), ("lib/lambda/new.py", "python -m lib.compute")],
)
def test_a_change_sets_up_again_what_depends_on_it(project: Project, changed: str, called: str) -> None:
    project.set_up()
    with (project.folder / changed).open("a") as file:
        file.write("\n")
    project.set_up()
    assert any(call.startswith(called) for call in project.calls)
    assert not any(call.startswith("npm") for call in project.calls) or called == "npm "


def test_what_was_removed_is_set_up_again(project: Project) -> None:
    project.set_up()
    shutil.rmtree(project.folder / "node_modules")
    project.set_up()
    assert project.calls[0].endswith("ci --ignore-scripts")


def test_the_policy_tools_are_set_up_only_when_asked_for(project: Project) -> None:
    project.set_up()
    assert not (project.folder / "policy/.venv").exists()
    assert project.set_up("--policy").returncode == 0
    assert (project.folder / "policy/.venv/bin/python").exists()
    assert f"of {project.folder}/policy/Pipfile," in project.calls[0]


def test_the_virtual_environment_of_the_caller_does_not_interfere(project: Project) -> None:
    project.set_up(VIRTUAL_ENV="/elsewhere", PIPENV_CUSTOM_VENV_NAME="other", PIPENV_PIPFILE="/elsewhere/Pipfile")
    assert project.calls[0].endswith(f"of {project.folder}/Pipfile, own: none none")


def test_a_failing_tool_is_shown_with_its_output_and_tried_again_next_time(project: Project) -> None:
    failed = project.set_up(OFFLINE="1")
    assert failed.returncode == 1
    assert "`pipenv sync --categories" in failed.stderr
    assert "  | no index reached" in failed.stderr
    assert "Check that this computer reaches a Python package index" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert project.set_up().returncode == 0


@pytest.mark.parametrize(
    ("missing", "remedy"),
    [("npm", "npm is missing: install Node.js 20 or later"), ("python3", "Python 3.11 or later is needed")],
)
def test_a_missing_program_is_named_with_the_remedy(project: Project, missing: str, remedy: str) -> None:
    (project.programs / missing).unlink()
    run = project.set_up()
    assert run.returncode == 1
    assert remedy in run.stderr
    assert "Traceback" not in run.stderr


def test_an_older_python_is_passed_over(project: Project) -> None:
    project.install("python3", "exit 1\n")
    project.install("python3.12", f'exec "{sys.executable}" "$@"\n')
    assert project.set_up().returncode == 0


def test_a_missing_terraform_is_fetched_from_the_address_in_the_setting(
    project: Project, file_server: FileServer
) -> None:
    (project.programs / "terraform").unlink()
    address = f"/{VERSION}/terraform_{VERSION}_{platform_id()}.zip"
    file_server.files[address] = b"not the release"
    run = project.set_up(TERRAFORM_DOWNLOAD_URL=file_server.url, no_proxy="127.0.0.1")
    assert run.returncode == 1
    assert f"{file_server.url}{address}: SHA-256 is" in run.stderr
    assert list((project.folder / ".tools/terraform").iterdir()) == []


def test_two_set_ups_at_once_do_the_work_once(project: Project) -> None:
    project.calls_file.write_text("")
    command = [project.folder / "setup.sh"]
    both = [subprocess.Popen(command, env=project.environment, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [run.wait() for run in both] == [0, 0]
    assert sum(call.startswith("pipenv sync") for call in project.calls) == 1
