"""Thirty environments whose suffixes differ by a character: one is destroyed, the others are as before, to the byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.server import LocalAws
from tap.account import Account
from tap.terraform import Terraform
from tap.toolchain import ROOT
from tests.integration.environments.account_dump import dump
from tests.integration.environments.planted import plant, plant_all
from tests.integration.environments.small_stack import REGION, write_small_stack

TARGET = "pr-1"
OTHERS = (
    *("pr-10", "pr-11", "pr-12", "pr-1-1", "pr-1-b", "pr-1b", "pr-1-pr-1", "pr-1-dead-letters", "pr-1-live"),
    *("pr1", "p-r-1", "pr", "pr-2", "pr-21", "pr-01", "pr-i", "pr-l", "1-pr-1", "a-pr-1", "apr-1", "events-pr-1"),
    *("1", "r-1", "alerts-pr-1", "cluster-pr-1", "processor-pr-1", "x-pr-1-x", "pr-1-0", "qr-1"),
)
# AWS shows a key for seven days at least until its deletion, an endpoint and a NAT gateway for an hour after theirs.
GOING = ('"KeyState": "PendingDeletion"', '"State": "deleted"')
BUCKET = "payment-states"
OF_ALL_KINDS = 92
"""Resources: the planter's kinds in order, down to the first SSM parameters."""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.started(tmp_path_factory.mktemp("near") / "local_aws") as running:
        yield running


@pytest.fixture(scope="module")
def account(aws: LocalAws) -> Account:
    """An account with the 29 others, each of all kinds of resources, with a state."""
    account = Account.of_local_aws(aws, REGION)
    account.client("s3").create_bucket(Bucket=BUCKET)
    plant_all(account, OTHERS, resources=OF_ALL_KINDS, bucket=BUCKET)
    return account


@pytest.fixture(scope="module")
def before(account: Account) -> list[str]:
    """All that there is beside the one that is destroyed."""
    return dump(account)


@pytest.mark.parametrize("by", ["terraform and its state", "tags alone"])
def test_destroying_one_leaves_the_others_as_they_are(
    aws: LocalAws, account: Account, before: list[str], tmp_path: Path, by: str
) -> None:
    assert len({TARGET, *OTHERS}) == 30
    if by == "tags alone":
        plant(account, TARGET, resources=OF_ALL_KINDS)
    else:
        _deploy(aws, tmp_path)
    receipt = _destroy(aws, tmp_path)
    assert receipt["left"] == 0
    assert receipt["removed"] + receipt["swept"] > 40, receipt
    after = set(dump(account))
    assert [line for line in before if line not in after] == []
    assert [line for line in after - set(before) if not any(state in line for state in GOING)] == []


def _deploy(aws: LocalAws, tmp_path: Path) -> None:
    directory = tmp_path / "stack"
    write_small_stack(directory, TARGET, endpoint_url=aws.endpoint_url, bucket=BUCKET)
    terraform = Terraform(directory, {**os.environ, **_variables(aws)}, parallelism=30)
    terraform.init()
    terraform.apply()


def _destroy(aws: LocalAws, tmp_path: Path) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-m", "tap", "env", "destroy", TARGET, "--yes", "--json"],
        cwd=tmp_path,
        env={**os.environ, **_variables(aws), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"{run.stderr}\n{run.stdout}"
    receipt: dict[str, Any] = json.loads(run.stdout)
    return receipt


def _variables(aws: LocalAws) -> dict[str, str]:
    return {**aws.environment(), "AWS_REGION": REGION, "STATE_BUCKET": BUCKET}
