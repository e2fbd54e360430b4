"""The outputs on operating-environments.md, from a run on a local AWS: `python -m docs.operating`, about ten minutes.

It deploys the whole stack, kills the deployment of another, and removes both. Needs a computer that does little else.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from docs.errors import DocumentationError
from docs.markers import ROOT, run
from docs.processes import kill_with_children
from local_aws.server import LocalAws
from tap.account import Account

PAGE = ROOT / "docs" / "operating-environments.md"
REGION, BUCKET = "us-east-1", "payment-states"
WIDTH = 118
FIRST_LINES, LAST_LINES = 8, 8
# Of what is worth more.
FIRST_OF, LAST_OF = {"show": 48, "doctor": 16}, {"destroy": 20, "doctor": 12}
COMMAND_SECONDS = 1200
BEGUN = re.compile(r"^\[(\d+)/", re.MULTILINE)
RESOURCES_BEFORE_KILL = 30
# Where people and administrators keep what is their own.
OWN_FOLDERS = re.compile(r"(?<![\w./])/(?:home|root|tmp|work|Users|opt)/[^\s│,]*")


class Operator:
    """Runs `tap` in `directory` as an operator does, and keeps what it printed, by the name of a part of the page."""

    def __init__(self, directory: Path, aws: LocalAws) -> None:
        self.directory = directory
        self.account = Account.of_local_aws(aws, REGION)
        self.parts: dict[str, str] = {}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GITHUB_"))}
        self.variables = {
            **kept,
            **aws.environment(),
            "AWS_REGION": REGION,
            "STATE_BUCKET": BUCKET,
            "DB_INSTANCE_COUNT": "1",
            "CDKTF_OUTDIR": str(directory / "cdktf.out"),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": str(WIDTH),
            "NO_COLOR": "1",
        }

    def tap(self, part: str, *words: str, code: int = 0) -> str:
        """Run one command, add it to a part of the page, return its output. Raises `DocumentationError`."""
        ended = subprocess.run(
            [sys.executable, "-m", "tap", *words],
            cwd=self.directory,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if ended.returncode != code:
            raise DocumentationError(f"tap {' '.join(words)} ended with {ended.returncode}:\n{ended.stdout}")
        self.add(part, words, ended.stdout, code)
        return ended.stdout

    def add(self, part: str, words: tuple[str, ...], output: str, code: int | str) -> None:
        """Add a command and its output to a part of the page."""
        ending = [] if code == 0 else [f"(exit code {code})"]
        shown = shortened(output, FIRST_OF.get(part, FIRST_LINES), LAST_OF.get(part, LAST_LINES))
        text = "\n".join([f"$ tap {' '.join(words)}", *shown, *ending])
        before = self.parts[part].removesuffix("\n```") + "\n\n" if part in self.parts else "```text\n"
        self.parts[part] = f"{before}{text}\n```"

    def killed(self, part: str, *words: str) -> None:
        """Run a deployment, and kill it with all its processes once it has made some resources."""
        log = self.directory / "killed.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tap", *words],
                cwd=self.directory,
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            deadline = time.monotonic() + COMMAND_SECONDS
            while process.poll() is None and len(BEGUN.findall(log.read_text())) < RESOURCES_BEFORE_KILL:
                if time.monotonic() > deadline:
                    break
                time.sleep(0.2)
            if process.poll() is not None:
                raise DocumentationError(f"tap {' '.join(words)} ended before it could be killed:\n{log.read_text()}")
            kill_with_children(process.pid)
            process.wait()
        self.add(part, words, log.read_text(), "137: killed")


def shortened(output: str, first: int = FIRST_LINES, last: int = LAST_LINES) -> list[str]:
    """The lines of an output, the middle of a long one left out; without spaces at their ends."""
    lines = [line.rstrip() for line in output.strip().splitlines()]
    left_out = len(lines) - first - last
    return lines if left_out <= 1 else [*lines[:first], f"... {left_out} more lines ...", *lines[-last:]]


def outputs() -> Mapping[str, str]:
    """Every part of the page, by its name. Raises `DocumentationError` when a command ends as it should not."""
    with TemporaryDirectory(prefix="operating-") as folder, LocalAws.started(Path(folder) / "local_aws") as aws:
        operator = Operator(Path(folder), aws)
        operator.account.client("s3").create_bucket(Bucket=BUCKET)
        operator.account.client("s3").put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        _watch(operator)
        _find_leftovers(operator)
        _go_on_after_a_kill(operator)
        _expire(operator)
        return {name: _anybodys(text, folder) for name, text in operator.parts.items()}


def _anybodys(text: str, folder: str) -> str:
    """The text without what is of this computer: its folders, who works on it, and its name."""
    somebody = f"{getpass.getuser()}@{socket.gethostname()}"
    own = {folder: "...", f"{ROOT}/": "", str(ROOT): ".", somebody: "ada@laptop"}
    for name in re.findall(OWN_FOLDERS, text):
        own.setdefault(name, "...")
    for name, shown in own.items():
        # Within a table the column keeps its width.
        padding = " " * (len(name) - len(shown))
        text = re.sub(rf"{re.escape(name)}([^│\n]*)│", rf"{shown}\g<1>{padding}│", text).replace(name, shown)
    return text


def _watch(operator: Operator) -> None:
    operator.tap("doctor", "doctor")
    operator.tap("deploy", "env", "deploy", "--suffix", "pr-1", "--ttl", "24h", "--yes")
    operator.tap("list", "env", "list")
    operator.tap("show", "env", "show", "pr-1")
    operator.tap("verify", "env", "verify", "pr-1")
    operator.tap("extend", "env", "extend", "pr-1", "2d")


def _find_leftovers(operator: Operator) -> None:
    """A queue that somebody made with the environment's tags, and a log group that somebody deleted."""
    tags = {"EnvironmentSuffix": "pr-1", "Environment": "payment-pr-1", "ManagedBy": "cdktf", "HomeRegion": REGION}
    operator.account.client("sqs").create_queue(QueueName="payment-stray-pr-1", tags=tags)
    operator.account.client("logs").delete_log_group(logGroupName="/aws/lambda/payment-migrations-pr-1")
    operator.tap("leftovers", "env", "verify", "pr-1", code=12)


def _go_on_after_a_kill(operator: Operator) -> None:
    operator.killed("killed", "env", "deploy", "--suffix", "pr-2", "--ttl", "24h", "--yes")
    operator.tap("killed", "env", "list")
    operator.tap("unlock", "env", "destroy", "pr-2", "--yes", code=1)
    shown = operator.tap("unlock", "env", "unlock", "pr-2")
    lock = re.search(r"--id ([0-9a-f-]{36})", shown)
    if lock is None:
        raise DocumentationError(f"tap env unlock named no lock:\n{shown}")
    operator.tap("unlock", "env", "unlock", "pr-2", "--id", lock[1], "--yes")
    operator.tap("destroy", "env", "destroy", "pr-2", "--dry-run")
    operator.tap("destroy", "env", "destroy", "pr-2", "--yes")


def _expire(operator: Operator) -> None:
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=90)
    operator.tap("expire", "env", "extend", "pr-1", end.isoformat(), "--set")
    time.sleep(max(0.0, (end - datetime.now(UTC)).total_seconds() + 2))
    operator.tap("expire", "env", "list", "--expired")
    operator.tap("expire", "env", "expire", "--dry-run")
    operator.tap("expire", "env", "expire", "--yes")
    operator.tap("expire", "env", "list")


if __name__ == "__main__":
    sys.exit(run("docs.operating", PAGE, outputs, None))
