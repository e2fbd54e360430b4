"""Somebody with a shell, who works on one environment of the whole stack on a local AWS."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from local_aws.server import LocalAws
from tap.account import Account
from tap.inventory.states import S3States
from tap.toolchain import ROOT
from tests.integration.environments.interruption import Moment, Run, run

BUCKET = "payment-states"
REGION = "us-east-1"
SUFFIX = "pr-1"


@dataclass(frozen=True)
class Operator:
    """Their state is in `BUCKET`; everything else is written under `directory`."""

    aws: LocalAws
    directory: Path

    @property
    def account(self) -> Account:
        return Account.of_local_aws(self.aws, REGION)

    @property
    def states(self) -> S3States:
        return S3States(self.account, BUCKET, REGION)

    def tap(self, *arguments: str, until: Moment | None = None) -> Run:
        """Call `tap env`."""
        outside = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = outside | self.aws.environment()
        environment |= {"AWS_REGION": REGION, "STATE_BUCKET": BUCKET, "DB_INSTANCE_COUNT": "1"}
        environment["CDKTF_OUTDIR"] = str(self.directory / "cdktf.out")
        command = [sys.executable, "-m", "tap", "env", *arguments]
        return run(command, environment | {"PYTHONPATH": str(ROOT)}, directory=self.directory, until=until)

    def deploy(self, until: Moment | None = None) -> Run:
        return self.tap("deploy", "--suffix", SUFFIX, "--yes", "--json", until=until)

    def destroy(self, until: Moment | None = None) -> Run:
        return self.tap("destroy", SUFFIX, "--yes", "--json", until=until)

    def unlock(self) -> None:
        """Release the lock that a killed run left, as its message says."""
        if lock := self.states.lock(SUFFIX):
            released = self.tap("unlock", SUFFIX, "--id", lock.id, "--yes")
            assert released.code == 0, "\n".join(released.stderr)
