"""Where the state lives and how it is locked, with the backend exactly as `main.py` synthesizes it."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tap.terraform import Terraform
from tap.terraform_errors import StateLockedError, TerraformError
from tap.terraform_events import Event, Operation
from tap.toolchain import ROOT, environment

BUCKET = "payment-state"

pytestmark = pytest.mark.usefixtures("aws_environment")


@pytest.fixture
def stack(tmp_path: Path) -> Callable[..., Terraform]:
    """A stack of one resource, with the backend that the real stack of this suffix has."""

    def make(suffix: str, *, bucket: str = "", command: str = "true") -> Terraform:
        output = tmp_path / "cdktf.out"
        settings = {"ENVIRONMENT_SUFFIX": suffix, "STATE_BUCKET": bucket, "CDKTF_OUTDIR": str(output)}
        synth = subprocess.run(
            [sys.executable, ROOT / "main.py"],
            cwd=ROOT,
            env=environment() | settings,
            capture_output=True,
            text=True,
        )
        assert synth.returncode == 0, synth.stderr
        directory = output / "stacks" / f"TapStack{suffix}"
        file = directory / "cdk.tf.json"
        backend = json.loads(file.read_text())["terraform"]["backend"]
        resource = {"input": suffix, "provisioner": [{"local-exec": {"command": command}}]}
        content = {"terraform": {"backend": backend}, "resource": {"terraform_data": {"a": resource}}}
        file.write_text(json.dumps(content))
        terraform = Terraform(directory)
        terraform.init()
        return terraform

    return make


@pytest.fixture
def bucket(s3: Any) -> str:
    """An empty state bucket."""
    s3.create_bucket(Bucket=BUCKET)
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    return BUCKET


def keys(s3: Any) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_without_a_bucket_each_suffix_has_a_file_of_its_own(stack: Callable[..., Terraform], tmp_path: Path) -> None:
    first, second = stack("one"), stack("two")
    first.apply()
    second.apply()
    files = sorted(path.name for path in tmp_path.glob("*.tfstate"))
    assert files == ["terraform.TapStackone.tfstate", "terraform.TapStacktwo.tfstate"]
    first.destroy()
    assert second.plan().empty


def test_a_local_state_outlives_the_synthesized_output(stack: Callable[..., Terraform], tmp_path: Path) -> None:
    stack("one").apply()
    shutil.rmtree(tmp_path / "cdktf.out")
    assert stack("one").plan().empty


def test_with_a_bucket_each_suffix_has_an_object_of_its_own(
    stack: Callable[..., Terraform], s3: Any, bucket: str
) -> None:
    first, second = stack("one", bucket=bucket), stack("two", bucket=bucket)
    first.apply()
    second.apply()
    assert keys(s3) == ["payment/single-region/one.tfstate", "payment/single-region/two.tfstate"]
    state = json.load(s3.get_object(Bucket=bucket, Key="payment/single-region/one.tfstate")["Body"])
    assert state["resources"][0]["instances"][0]["attributes"]["input"]["value"] == "one"
    first.destroy()
    assert second.plan().empty


def test_a_state_in_a_bucket_is_encrypted(stack: Callable[..., Terraform], s3: Any, bucket: str) -> None:
    stack("one", bucket=bucket).apply()
    stored = s3.head_object(Bucket=bucket, Key="payment/single-region/one.tfstate")
    assert stored["ServerSideEncryption"] in ("AES256", "aws:kms")


@pytest.mark.parametrize("in_bucket", [True, False], ids=["S3", "local"])
def test_a_second_run_is_refused_while_one_is_under_way_and_changes_nothing(
    stack: Callable[..., Terraform], s3: Any, bucket: str, tmp_path: Path, in_bucket: bool
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    options = {"bucket": bucket} if in_bucket else {}
    first = stack("one", command=f"cat '{gate}'", **options)
    second = Terraform(first.directory)
    refused: list[TerraformError] = []
    locks: list[str] = []

    def run_second() -> None:
        locks.extend(keys(s3))
        try:
            second.destroy()
        except TerraformError as error:
            refused.append(error)
        finally:
            gate.write_text("go on")

    thread = threading.Thread(target=run_second)

    def on_event(event: Event) -> None:
        if isinstance(event, Operation) and event.phase == "start" and not thread.ident:
            thread.start()

    first.on_event = on_event
    first.apply()
    thread.join()
    assert isinstance(refused[0], StateLockedError)
    assert refused[0].lock.operation == "apply"
    assert "@" in refused[0].lock.who
    assert locks == (["payment/single-region/one.tfstate.tflock"] if in_bucket else [])
    assert keys(s3) == (["payment/single-region/one.tfstate"] if in_bucket else [])
    assert first.plan().empty


def test_another_suffix_is_not_held_up_by_a_lock(stack: Callable[..., Terraform], s3: Any, bucket: str) -> None:
    lock = {"ID": "1", "Operation": "OperationTypeApply", "Who": "kim@laptop", "Created": "2026-11-21T09:15:02Z"}
    lock["Path"] = f"{bucket}/payment/single-region/one.tfstate"
    body = json.dumps(lock).encode()
    s3.put_object(Bucket=bucket, Key="payment/single-region/one.tfstate.tflock", Body=body)
    stack("two", bucket=bucket).apply()
    with pytest.raises(
        StateLockedError, match=r"locked by kim@laptop since 2026-11-21 09:15:02.*tap env unlock one --id 1`"
    ):
        stack("one", bucket=bucket).apply()


def test_a_missing_state_bucket_is_an_error_that_names_it(stack: Callable[..., Terraform], s3: Any) -> None:
    with pytest.raises(ClientError):
        s3.head_bucket(Bucket="no-such-bucket")
    with pytest.raises(TerraformError, match="no-such-bucket"):
        stack("one", bucket="no-such-bucket").apply()
