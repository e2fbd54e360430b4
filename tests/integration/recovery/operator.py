"""`tap recover` as an operator runs it, also one who is cut off in the middle of a step."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tap.toolchain import ROOT

COMMAND_SECONDS = 300


@dataclass(frozen=True)
class Ended:
    """How a command ended; `result` is what it printed as JSON, None if nothing."""

    code: int
    result: Any
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The report of a recovery that came to its end."""
        assert self.code == 0, self.err
        assert self.result["state"] == "done"
        found: dict[str, Any] = self.result
        return found

    def step(self, name: str) -> dict[str, Any]:
        """What the report says of one step."""
        return next(step for step in self.report["steps"] if step["name"] == name)


class Operator:
    """Runs commands with an environment's variables; journals and reports are in `directory`."""

    def __init__(self, variables: Mapping[str, str], directory: Path) -> None:
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GITHUB_"))}
        self._variables = {**outside, **variables, "NO_PROXY": "127.0.0.1,localhost"}
        self._suffix = variables["ENVIRONMENT_SUFFIX"]
        self.directory = directory

    def recover(self, *words: str, agreed: bool = True) -> Ended:
        """Run one command to its end."""
        ended = subprocess.run(
            self._command(words, agreed),
            cwd=ROOT,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        return Ended(ended.returncode, json.loads(ended.stdout) if ended.stdout else None, ended.stderr)

    def killed_in(self, step: str, *words: str, after: float = 0.0) -> None:
        """Run one command, and kill it (SIGKILL) so many seconds after it has begun with this step."""
        process = subprocess.Popen(
            self._command(words, True),
            cwd=ROOT,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        said = []
        with process.stderr:
            for line in process.stderr:
                said.append(line)
                if f"] {step}: " in line:
                    break
            time.sleep(after)
        process.kill()
        assert process.wait() == -9, "".join(said)

    def differences(self, report: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """The rows of a recovery's reconciliation, by payment."""
        with (Path(report["folder"]) / "reconciliation.csv").open() as file:
            return {row["payment_id"]: row for row in csv.DictReader(file)}

    def _command(self, words: tuple[str, ...], agreed: bool) -> list[str]:
        place = ["--directory", str(self.directory)] if words[0] not in ("approvals", "approve", "refuse") else []
        options = ["--confirm", self._suffix] if agreed else []
        return [sys.executable, "-m", "tap", "recover", *words, *place, *options, "--json"]
