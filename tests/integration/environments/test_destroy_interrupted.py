"""Killed and interrupted runs on a local AWS: what they leave is explained, released on request, and removed."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from tap.terraform_errors import TerraformError
from tap.terraform_events import Event, Operation
from tests.integration.environments.ground import Ground, descendants

REMOVED = re.compile(r"^\[\d+/\d+\] removed ")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with Ground.started(tmp_path_factory.mktemp("interrupted")) as started:
        yield started


def kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def terraform_of(pid: int) -> list[int]:
    """Terraform, its provider and their guard, those that were started last first."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    arguments = {int(pid): rest for pid, _, rest in (line.strip().partition(" ") for line in listed.splitlines())}
    return [child for child in reversed(descendants(pid)) if "terraform" in arguments.get(child, "")]


def has_removed(process: subprocess.Popen[str], number: int) -> bool:
    """Whether `tap` told of that many removals, as soon as it did; not if it ended before."""
    assert process.stderr is not None
    told = (line for line in process.stderr if REMOVED.match(line))
    return sum(1 for _ in zip(range(number), told, strict=False)) == number


def test_the_lock_of_a_killed_deployment_is_explained_released_on_request_and_the_rest_removed(ground: Ground) -> None:
    def kill_half_way(event: Event) -> None:
        if isinstance(event, Operation) and (event.address, event.phase) == ("aws_ssm_parameter.p2", "complete"):
            kill(terraform_of(os.getpid()))

    with pytest.raises(TerraformError):
        ground.deploy("pr-1", on_event=kill_half_way)
    refused = ground.tap("env", "destroy", "pr-1", "--yes")
    assert refused.code == 1
    message = " ".join(refused.err.split())
    found = re.search(r"is locked by (\S+@\S+) since (\S+) .*\(apply\).*`(tap env unlock pr-1 --id (\S+))`", message)
    assert found, message
    before = ground.left()

    shown = ground.tap("env", "unlock", "pr-1", "--json")
    assert (shown.code, shown.result["who"], shown.result["operation"]) == (0, found[1], "apply")
    assert found[3] in shown.err
    wrong = ground.tap("env", "unlock", "pr-1", "--id", "00000000-0000-0000-0000-000000000000", "--yes")
    assert (wrong.code, f"is locked with id {found[4]}" in wrong.err) == (1, True)
    asked = ground.tap("env", "unlock", "pr-1", "--id", found[4])
    assert (asked.code, "nobody can be asked" in asked.err) == (2, True)
    assert ground.left() == before

    released = ground.tap("env", "unlock", "pr-1", "--id", found[4], "--yes", "--json")
    assert (released.code, released.result["released"]) == (0, True), released.err
    assert "payment/single-region/pr-1.tfstate.tflock" not in ground.state_keys()
    again = ground.tap("env", "unlock", "pr-1", "--id", found[4], "--yes", "--json")
    assert (again.code, again.result["locked"]) == (0, False)
    removed = ground.tap("env", "destroy", "pr-1", "--yes", "--json")
    assert (removed.code, removed.result["left"]) == (0, 0), removed.err
    assert ground.left() == {}


def test_a_removal_that_is_killed_again_and_again_converges(ground: Ground) -> None:
    local = replace(ground, in_bucket=False)
    local.deploy("pr-2")
    killed = 0
    for number in itertools.cycle((1, 2)):
        with local.start_tap("env", "destroy", "pr-2", "--yes") as process:
            if not has_removed(process, number):
                process.communicate(timeout=60)
                break
            kill([*terraform_of(process.pid), process.pid])
            killed += 1
    assert process.returncode == 0
    assert killed >= 1
    assert local.left() == {}
    assert list(local.directory.glob("*.tfstate")) == []


def test_an_interrupted_removal_ends_in_order_and_can_be_run_again(ground: Ground) -> None:
    ground.deploy("pr-3")
    with ground.start_tap("env", "destroy", "pr-3", "--yes", "--json") as process:
        assert has_removed(process, 1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert "terraform apply was interrupted; it can be run again" in err
    assert "payment/single-region/pr-3.tfstate.tflock" not in ground.state_keys()
    assert ground.left() != {}
    removed = ground.tap("env", "destroy", "pr-3", "--yes", "--json")
    assert (removed.code, removed.result["left"]) == (0, 0), removed.err
    assert ground.left() == {}
