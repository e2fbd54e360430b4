"""Runs the tools of `policy/.venv`, offline and without any configuration but what is given here."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from policy.findings import ScanError

VENV = Path(__file__).with_name(".venv")
TIMEOUT_SECONDS = 300

# Variables that would make a tool ask a server, skip checks or read another configuration.
_MISLEADING = (
    "BC_",
    "PRISMA_",
    "CKV_",
    "CHECKOV_",
    "CFN_LINT_",
    "HADOLINT_",
    "PYTHON",
    "LOG_LEVEL",
    "AWS_",
    "VIRTUAL_ENV",
)


def run_tool(program: str, arguments: Sequence[str], *, text: str = "", allowed: Sequence[int] = (0,)) -> str:
    """What the program says on stdout. `text` is its input; ScanError unless it ends with an `allowed` exit code."""
    path = VENV / "bin" / program
    if not path.exists():
        raise ScanError(f"{path} is missing: run `./setup.sh --policy`, which installs the policy tools")
    with tempfile.TemporaryDirectory(prefix="policy-tool-") as folder:
        try:
            done = subprocess.run(
                [str(path), *arguments],
                input=text,
                capture_output=True,
                text=True,
                cwd=folder,
                env=_environment(folder),
                timeout=TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise ScanError(f"{program} was not done after {TIMEOUT_SECONDS} s: run it again") from None
    if done.returncode not in allowed:
        raise ScanError(f"{program} failed with exit code {done.returncode}:\n{(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def _environment(home: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_MISLEADING)}
    return {**kept, "HOME": home, "XDG_CONFIG_HOME": home, "PYTHONWARNINGS": "ignore"}
