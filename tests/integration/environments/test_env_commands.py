"""`tap env list`, `show`, `verify`, `extend` and `expire` on a local AWS, as an operator calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.provider_options import state_key
from local_aws.server import LocalAws
from tap.account import Account
from tap.terraform import Terraform
from tap.toolchain import ROOT
from tests.integration.environments.cheap_stack import REGION, write_cheap_stack
from tests.integration.environments.planted import plant

BUCKET = "payment-states"
HOUR = timedelta(hours=1)
LOCK = {"ID": "lock-1", "Operation": "OperationTypeApply", "Who": "ada@laptop", "Version": "1.11.4", "Info": ""}


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> Any:
        assert self.out, self.err
        return json.loads(self.out)


Tap = Callable[..., Ended]
Deploy = Callable[..., None]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.started(tmp_path_factory.mktemp("env_commands") / "local_aws") as running:
        Account.of_local_aws(running, REGION).client("s3").create_bucket(Bucket=BUCKET)
        yield running


@pytest.fixture
def account(aws: LocalAws) -> Account:
    return Account.of_local_aws(aws, REGION)


@pytest.fixture(scope="module")
def variables(aws: LocalAws) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**outside, **aws.environment(), "AWS_REGION": REGION, "STATE_BUCKET": BUCKET, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def tap(variables: dict[str, str], tmp_path: Path) -> Tap:
    def run(*words: str) -> Ended:
        ended = subprocess.run(
            [sys.executable, "-m", "tap", "env", *words],
            cwd=tmp_path,
            env={**variables, "COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return run


@pytest.fixture
def deploy(aws: LocalAws, variables: dict[str, str], tmp_path: Path) -> Deploy:
    """Deploys the cheap stack, with what others attach to its resources read into the state."""

    def run(suffix: str, **inputs: Any) -> None:
        folder = write_cheap_stack(tmp_path, suffix, endpoint_url=aws.endpoint_url, bucket=BUCKET, **inputs)
        terraform = Terraform(folder, variables, parallelism=4)
        terraform.init()
        terraform.apply()
        terraform.apply_refresh()

    return run


def test_the_life_of_an_environment(tap: Tap, deploy: Deploy, account: Account) -> None:
    """Shown, verified, given more time, changed by others, and verified again."""
    deploy("life-1", expires_at=datetime.now(UTC) + HOUR)
    plant(account, "life-12", resources=20)

    shown = tap("show", "life-1", "--json").result
    assert shown["state"] == f"s3://{BUCKET}/{state_key('single-region', 'life-1')}"
    assert {"sessions", "configuration", "permissions", "encryption", "monitoring"} <= shown["concerns"].keys()
    assert len(shown["outputs"]) == 1
    assert (shown["time_left"], shown["health"], shown["lock"]) == ("59 min", "none", None)
    assert shown["verification"]["clean"] is True

    before = datetime.fromisoformat(shown["expires_at"])
    extended = tap("extend", "life-1", "4h", "--json").result
    end = datetime.fromisoformat(extended["expires_at"])
    assert end == before.replace(microsecond=0) + 4 * HOUR
    assert extended["state_updated"] is True
    assert extended["tagged"] >= 8
    role = account.client("iam").list_role_tags(RoleName="payment-role-life-1")["Tags"]
    assert {"Key": "ExpiresAt", "Value": end.isoformat()} in role
    verified = tap("verify", "life-1", "--json")
    assert (verified.code, verified.result["clean"]) == (0, True)
    assert "ExpiresAt" not in str(account.client("iam").list_role_tags(RoleName="payment-approval-life-12")["Tags"])

    tags = {"EnvironmentSuffix": "life-1", "Environment": "payment-life-1", "ManagedBy": "cdktf", "HomeRegion": REGION}
    account.client("sqs").create_queue(QueueName="payment-stray-life-1", tags=tags)
    account.client("sqs").create_queue(QueueName="payment-similar-life-1")
    verified = tap("verify", "life-1", "--json")
    assert verified.code == 11
    assert [one["arn"].rpartition(":")[2] for one in verified.result["leftovers"]] == ["payment-stray-life-1"]

    account.client("iam").tag_role(RoleName="payment-role-life-1", Tags=[{"Key": "Owner", "Value": "bob"}])
    account.client("ssm").delete_parameter(Name="/payment/life-1/p0")
    account.client("logs").put_retention_policy(logGroupName="/aws/lambda/payment-processor-life-1", retentionInDays=30)
    verified = tap("verify", "life-1", "--json")
    assert verified.code == 12
    assert [one["address"] for one in verified.result["vanished"]] == ["aws_ssm_parameter.p0"]
    assert [(one["address"], one["attributes"]) for one in verified.result["drift"]] == [
        ("aws_cloudwatch_log_group.log", ["retention_in_days"])
    ]
    assert [(one["address"], one["found"]) for one in verified.result["wrong_tags"]] == [
        ("aws_iam_role.role", {"Owner": "bob"})
    ]

    # More time hides none of it.
    assert tap("extend", "life-1", "1h", "--json").result["state_updated"] is False
    again = tap("verify", "life-1", "--json")
    assert (again.code, again.result["drift"]) == (12, verified.result["drift"])
    assert again.result["wrong_tags"] == verified.result["wrong_tags"]


def test_what_is_past_its_time_goes_and_nothing_else(tap: Tap, deploy: Deploy, account: Account) -> None:
    past, future = datetime.now(UTC) - 3 * HOUR, datetime.now(UTC) + HOUR
    deploy("late-1", expires_at=past)
    plant(account, "late-2", resources=32, expires_at=past)
    plant(account, "late-prod", resources=32, expires_at=past, environment_class="production")
    deploy("late-locked", expires_at=past)
    lock = {**LOCK, "Created": datetime.now(UTC).isoformat()}
    key = state_key("single-region", "late-locked") + ".tflock"
    account.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(lock).encode())
    plant(account, "early", resources=32, expires_at=future)
    plant(account, "late", resources=32)

    listed = tap("list", "--expired", "--json").result
    due = {"late-1", "late-2", "late-prod", "late-locked"}
    assert {one["suffix"] for one in listed["environments"]} == due
    assert {one["note"] for one in listed["environments"] if one["suffix"] == "late-2"} == {"resources without state"}
    assert {one["suffix"] for one in tap("expire", "--dry-run", "--json").result["environments"]} == due
    asked = tap("expire")
    assert (asked.code, "give --yes" in asked.err) == (2, True)

    ended = tap("expire", "--yes", "--json")
    outcomes = {one["suffix"]: one["outcome"] for one in ended.result["environments"]}
    assert outcomes == {"late-1": "removed", "late-2": "removed", "late-prod": "protected", "late-locked": "locked"}
    assert ended.code == 0
    receipts = {one["suffix"]: one["receipt"] for one in ended.result["environments"]}
    assert (receipts["late-1"]["left"], receipts["late-2"]["left"]) == (0, 0)
    assert receipts["late-1"]["removed"] >= 8
    assert receipts["late-2"]["swept"] > 20

    left = {one["suffix"]: one for one in tap("list", "--json").result["environments"]}
    assert {"late-prod", "late-locked", "early", "late"} <= left.keys()
    assert not {"late-1", "late-2"} & left.keys()
    assert "by ada@laptop" in tap("show", "late-locked").out


def test_environments_of_other_regions_are_named(tap: Tap, aws: LocalAws) -> None:
    plant(Account.of_local_aws(aws, "eu-west-1"), "far", resources=40)
    ended = tap("list", "--json")
    assert ended.result["elsewhere"] == {"far": "eu-west-1"}
    assert "far" not in {one["suffix"] for one in ended.result["environments"]}
    for command in ("show", "verify"):
        refused = tap(command, "far")
        assert refused.code == 3
        assert "it is in Region eu-west-1: give --region eu-west-1" in refused.err
    assert tap("show", "far", "--no-drift", "--region", "eu-west-1").code == 0
