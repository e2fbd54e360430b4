"""The cdktf command line with the project's tools, on a small app against the local AWS."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from tap.provider_mirror import PROVIDER_VERSION
from tap.toolchain import ROOT

APP = """
import sys
from pathlib import Path

from cdktf import App, TerraformStack

app = App()
stack = TerraformStack(app, "Small")
stack.add_override("terraform.required_providers.aws", {"source": "aws", "version": "VERSION"})
stack.add_override("provider.aws", {"region": "us-east-1", "skip_credentials_validation": True, "max_retries": 3})
parameter = {"name": "/small/greeting", "type": "String", "value": "hello"}
stack.add_override("resource.aws_ssm_parameter.greeting", parameter)
stack.add_override("output.name", {"value": "${aws_ssm_parameter.greeting.name}"})
app.synth()
Path("python").write_text(sys.executable)
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A cdktf project with the house's cdktf.json and an app of one resource."""
    folder = tmp_path / "an app"
    folder.mkdir()
    shutil.copy(ROOT / "cdktf.json", folder)
    (folder / "main.py").write_text(APP.replace("VERSION", PROVIDER_VERSION))
    return folder


@pytest.fixture
def ssm(aws_environment: dict[str, str]) -> Any:
    return boto3.client("ssm", endpoint_url=aws_environment["AWS_ENDPOINT_URL"])


def cdktf(app: Path, *arguments: str) -> str:
    """Run the wrapper in the app's folder; what it printed."""
    run = subprocess.run(
        [sys.executable, "-m", "tap.cdktf", *arguments],
        cwd=app,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CI": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert run.returncode == 0, run.stdout
    return run.stdout


def test_a_stack_is_synthesized_deployed_compared_and_destroyed(app: Path, ssm: Any) -> None:
    cdktf(app, "synth")
    synthesized = json.loads((app / "cdktf.out/stacks/Small/cdk.tf.json").read_text())
    assert synthesized["resource"]["aws_ssm_parameter"]["greeting"]["value"] == "hello"
    assert (app / "python").read_text() == sys.executable

    cdktf(app, "deploy", "--auto-approve")
    assert ssm.get_parameter(Name="/small/greeting")["Parameter"]["Value"] == "hello"

    assert "No changes." in cdktf(app, "diff")

    cdktf(app, "destroy", "--auto-approve")
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name="/small/greeting")


def test_the_command_line_is_the_pinned_one() -> None:
    pinned = json.loads((ROOT / "package.json").read_text())["dependencies"]["cdktf-cli"]
    assert cdktf(ROOT, "--version").strip() == pinned
