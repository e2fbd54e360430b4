"""A local AWS with a state bucket, cheap environments on it, and `tap` as an operator calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.server import LocalAws
from tap.account import Account
from tap.inventory.states import LocalStates, S3States, StateStore
from tap.removal.destroy import Destruction
from tap.terraform import Terraform
from tap.terraform_events import Event
from tap.toolchain import ROOT
from tap.workspace import credentials_environment
from tests.integration.environments.cheap_stack import REGION, write_cheap_stack

BUCKET = "payment-states"


@dataclass(frozen=True)
class Ended:
    """How a command ended; `result` is what it printed as JSON, None if nothing."""

    code: int
    result: Any
    err: str


@dataclass(frozen=True)
class Ground:
    """Environments whose state is in a bucket, or in `directory` if `in_bucket` is False."""

    aws: LocalAws
    account: Account
    directory: Path
    in_bucket: bool = True

    @classmethod
    @contextmanager
    def started(cls, directory: Path, *, region: str = REGION) -> Iterator[Ground]:
        """A local AWS of its own with an empty state bucket."""
        with LocalAws.started(directory / "local_aws") as aws:
            account = Account.of_local_aws(aws, region)
            account.client("s3").create_bucket(Bucket=BUCKET)
            yield cls(aws, account, directory)

    @property
    def states(self) -> StateStore:
        return S3States(self.account, BUCKET, REGION) if self.in_bucket else LocalStates(self.directory)

    def deploy(self, suffix: str, on_event: Callable[[Event], None] | None = None, **options: Any) -> Terraform:
        """Deploy a cheap stack (`write_cheap_stack`)."""
        bucket = BUCKET if self.in_bucket else None
        folder = write_cheap_stack(self.directory, suffix, endpoint_url=self.aws.endpoint_url, bucket=bucket, **options)
        terraform = Terraform(folder, credentials_environment(self.account), on_event=on_event)
        terraform.init("-reconfigure")
        terraform.apply()
        return terraform

    def destruction(self, suffix: str) -> Destruction:
        """The removal of an environment, without long pauses."""
        destruction = Destruction(self.account, self.states, suffix, directory=self.directory / "workspaces")
        destruction.terraform.first_pause = destruction.remainder.pause_seconds = 0.5
        return destruction

    def left(self) -> dict[str, list[str]]:
        """Everything that exists but for the state bucket itself and the states in it."""
        found = {place: ids for place, ids in self.aws.leftovers().items() if ids != [BUCKET]}
        return {**found, **({"states": self.state_keys()} if self.state_keys() else {})}

    def state_keys(self) -> list[str]:
        """What is in the state bucket."""
        listed = self.account.client("s3").list_objects_v2(Bucket=BUCKET)
        return [item["Key"] for item in listed.get("Contents", [])]

    def tap(self, *arguments: str, **variables: str) -> Ended:
        """Run `tap` to its end, without a terminal."""
        process = self.start_tap(*arguments, **variables)
        out, err = process.communicate(timeout=300)
        return Ended(process.returncode, json.loads(out) if out.startswith(("{", "[")) else out or None, err)

    def run_deploy(self, folder: Path, suffix: str) -> Ended:
        """Deploy what is in a folder, taking over what exists, in a process of its own (`small_deploy`)."""
        command = [sys.executable, "-m", "tests.integration.environments.small_deploy", "deploy", str(folder), suffix]
        environment = {**credentials_environment(self.account), "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(
            [*command, BUCKET], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        return Ended(ended.returncode, json.loads(ended.stdout) if ended.stdout else None, ended.stderr)

    def start_tap(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start `tap` in a process group of its own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "STATE_"))}
        states = {"STATE_BUCKET": BUCKET} if self.in_bucket else {"CDKTF_OUTDIR": str(self.directory / "cdktf.out")}
        inputs = {"AWS_REGION": self.account.region, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **states}
        return subprocess.Popen(
            [sys.executable, "-m", "tap", *arguments],
            cwd=self.directory,
            env={**kept, **self.aws.environment(), **inputs, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that these started, and so on."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    children: dict[int, list[int]] = {}
    for line in listed.stdout.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found = [pid]
    for parent in found:
        found += children.get(parent, [])
    return found[1:]
