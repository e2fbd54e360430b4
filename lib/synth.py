"""Synthesizes the architecture that the settings ask for, and checks it before anything is published."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from cdktf import App, TerraformStack

from lib.compute.artifacts import Artifacts, build_artifacts
from lib.compute.dependencies import PackageError
from lib.refusals import RefusalError, check
from lib.settings import Settings, SettingsError, load_settings

DEFAULT_OUTPUT = "cdktf.out"


def main() -> int:
    """Synthesize; return 0, or 1 after one clear message on stderr and with nothing written."""
    try:
        settings = load_settings()
        output = Path(os.environ.get("CDKTF_OUTDIR", DEFAULT_OUTPUT))
        synthesize([settings], output, build_artifacts(settings))
    except (SettingsError, PackageError, RefusalError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def synthesize(environments: list[Settings], output: Path, artifacts: Artifacts) -> None:
    """Write the Terraform JSON of the environments to `output`, or nothing at all.

    Raises:
        RefusalError: AWS would refuse what was synthesized.
    """
    output = output.resolve()  # Node has a working directory of its own.
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".synth-") as folder:
        staging = Path(folder)
        app = App(outdir=str(staging))
        for settings in environments:
            add_stack(app, settings, artifacts)
        app.synth()
        for settings in environments:
            document = json.loads((staging / "stacks" / settings.stack_name / "cdk.tf.json").read_text())
            check(document, settings)
        _publish(staging, output)


def add_stack(app: App, settings: Settings, artifacts: Artifacts) -> TerraformStack:
    """Add the stack of the architecture that the settings ask for."""
    # Each loads what it is made of, which takes time.
    if settings.architecture == "account":
        from lib.account_stack import AccountStack

        return AccountStack(app, settings.stack_name, settings=settings)

    if settings.runs_containers:
        from lib.container_stack import ContainerStack

        assert artifacts.containers is not None  # Built for this architecture.
        return ContainerStack(
            app, settings.stack_name, settings=settings, functions=artifacts.functions, artifacts=artifacts.containers
        )

    if settings.in_two_regions:
        from lib.disaster_recovery_stack import DisasterRecoveryStack

        return DisasterRecoveryStack(app, settings.stack_name, settings=settings, package=artifacts.functions)

    from lib.tap_stack import TapStack

    return TapStack(app, settings.stack_name, settings=settings, package=artifacts.functions)


def _publish(staging: Path, output: Path) -> None:
    """Move the files into place; what Terraform keeps beside them (its own folder) stays."""
    for source in sorted(path for path in staging.rglob("*") if path.is_file()):
        target = output / source.relative_to(staging)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, target)
