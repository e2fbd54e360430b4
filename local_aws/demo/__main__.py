"""`python -m local_aws.demo`: runs the demo; 0 after `demo: ok`, 1 after what failed, 130 when interrupted."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from lib.settings import SettingsError
from local_aws.demo.ground import SCHEDULE_SPEED
from local_aws.demo.stage import DemoError
from local_aws.demo.steps import Demo
from local_aws.server import LocalAws, LocalAwsError
from tap.deployment import SynthesisError
from tap.terraform_errors import TerraformError, TerraformInterruptedError
from tap.toolchain import ToolchainError

INTERRUPTED = 130


def main() -> int:
    """Run the demo; return the exit code."""
    console = Console(emoji=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="payment-demo-") as folder, _local_aws(folder, console) as aws:
            Demo(aws, Path(folder), console).run()
    except (KeyboardInterrupt, TerraformInterruptedError):
        console.print("demo: interrupted; the local AWS and the state are gone with it")
        return INTERRUPTED
    except (DemoError, TerraformError, SynthesisError, SettingsError, LocalAwsError, ToolchainError) as error:
        console.print(f"demo: failed: {error}", markup=False, highlight=False, soft_wrap=True)
        return 1
    console.print("demo: ok")
    return 0


@contextmanager
def _local_aws(folder: str, console: Console) -> Iterator[LocalAws]:
    console.rule("start the local AWS", align="left")
    if os.environ.get("ARCHITECTURE") == "containers":
        os.environ.setdefault("LOCAL_AWS_SCHEDULE_SPEED", SCHEDULE_SPEED)
    with LocalAws.started(Path(folder) / "local_aws") as aws:
        console.print(f"listens on {aws.endpoint_url}")
        yield aws


if __name__ == "__main__":
    raise SystemExit(main())
