"""Apps that are synthesized in child processes, with and without fast synth."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
APP = """
import os, sys
from pathlib import Path
from lib.fast_synth import install
{before}
print("fast:", install(Path(__file__).parent))
{early}
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.vpc import Vpc
app = App(outdir=os.environ["CDKTF_OUTDIR"])
stack = TerraformStack(app, "sample")
AwsProvider(stack, "aws", region="us-east-1")
vpc = Vpc(stack, "vpc", cidr_block="10.0.0.0/16")
{late}
app.synth()
"""
# The module's name is not written out, so that it is known only when it is imported.
LATE = """
import importlib
queues = importlib.import_module("cdktf_cdktf_provider_aws." + "sqs_" + "queue")
queue = queues.SqsQueue(stack, "queue", name="late", tags={"vpc": vpc.arn})
queue.put_timeouts(create="1m")
Vpc(stack, "second", cidr_block="10.1.0.0/16", tags={"queue": queue.arn})
vpc.tags = {"Name": "changed"}
"""


@dataclass(frozen=True)
class Outcome:
    """What an app wrote: the files by path, and its output."""

    files: dict[str, bytes]
    stdout: str
    stderr: str


class SampleApp:
    """A small project with one app; `cache` is where fast synth keeps its copies."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        self._folder = folder

    def start(
        self, output: str, *, before: str = "", early: str = "", late: str = "", **environment: str
    ) -> subprocess.Popen[str]:
        """Start the app; `before` and `early` run before and after fast synth is installed, `late` with resources."""
        main = self._folder / "main.py"
        main.write_text(APP.format(before=before, early=early, late=late))
        settings = {"PYTHONPATH": str(PROJECT), "FAST_SYNTH_CACHE": str(self.cache)}
        return start_app(main, self._folder / output, settings | environment)

    def finish(self, process: subprocess.Popen[str], output: str) -> Outcome:
        return finish_app(process, self._folder / output)

    def run(self, output: str, *, before: str = "", late: str = "", **environment: str) -> Outcome:
        return self.finish(self.start(output, before=before, late=late, **environment), output)


def start_app(main: Path, output: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start an app with reasons for not being fast shown, and with the project's own Node.js."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("FAST_SYNTH", "JSII_"))}
    node = {"JSII_NODE": str(PROJECT / "node_modules" / ".bin" / "node")}
    return subprocess.Popen(
        [sys.executable, str(main)],
        cwd=PROJECT,
        env=inherited | node | {"CDKTF_OUTDIR": str(output), "FAST_SYNTH_DEBUG": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish_app(process: subprocess.Popen[str], output: Path) -> Outcome:
    """Wait for the app, which must succeed, and read what it wrote."""
    stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr
    files = {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*") if path.is_file()}
    assert any(name.endswith("cdk.tf.json") for name in files)
    return Outcome(files, stdout, stderr)
