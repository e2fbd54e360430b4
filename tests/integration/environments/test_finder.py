"""The finder on a local AWS with many environments: complete, exact, and no slower than they grow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.server import LocalAws
from tap.account import Account
from tap.inventory.finder import Finder
from tap.inventory.resource import Evidence
from tap.inventory.states import S3States, StateStore
from tap.toolchain import ROOT
from tests.integration.environments.planted import TAGGED, plant_all

REGION = "us-east-1"
BUCKET = "states"
FEW, MORE, MANY = 20, 40, 200
SECONDS_FOR_MANY = 5.0
"""What `tap env list` may take with Python's own start, at the best of several times: others use the computer too."""


def suffixes(number: int) -> list[str]:
    """Near-identical ones: pr-1 is the beginning of most."""
    shapes = ("pr-{}", "pr-1{}", "pr-{}-b", "pr-1-{}", "p-r-{}")
    names = [shape.format(index) for index in range(1, number + 1) for shape in shapes]
    return list(dict.fromkeys(names))[:number]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.started(tmp_path_factory.mktemp("local_aws")) as running:
        Account.of_local_aws(running, REGION).client("s3").create_bucket(Bucket=BUCKET)
        yield running


def finder_on(aws: LocalAws) -> Finder:
    """A finder with an account of its own, which counts this search's calls alone."""
    account = Account.of_local_aws(aws, REGION)
    states: StateStore = S3States(account, BUCKET, REGION)
    return Finder(account, states)


def calls_of_all(aws: LocalAws, number: int) -> int:
    finder = finder_on(aws)
    found = finder.all()
    assert [one.suffix for one in found] == sorted(suffixes(number))
    assert {len(one.resources) for one in found} == {TAGGED}
    assert all(one.state and one.created and one.owner == "payments-team" for one in found)
    return finder.account.calls.total()


@pytest.fixture(scope="module")
def planted(aws: LocalAws) -> dict[str, list[str]]:
    return plant_all(Account.of_local_aws(aws, REGION), suffixes(FEW), bucket=BUCKET)


def test_one_environment_is_found_with_everything_and_nothing_of_its_neighbors(
    aws: LocalAws, planted: dict[str, list[str]]
) -> None:
    account = finder_on(aws).account
    for suffix in ("pr-1", "pr-1-1"):
        found = finder_on(aws).environment(suffix)
        tagged = {one.arn for one in found.resources if one.evidence is Evidence.TAGS}
        parts = {one.arn: one for one in found.resources if one.evidence is not Evidence.TAGS}
        assert tagged == set(planted[suffix])
        start = f"arn:aws:{{}}:{REGION}:{account.id}:{{}}"
        assert parts.keys() == {
            start.format("kms", f"alias/payment-database-{suffix}"),
            start.format("kms", f"alias/payment-operations-{suffix}"),
            start.format("kms", f"alias/payment-sessions-{suffix}"),
            start.format("events", f"archive/payment-events-{suffix}"),
            f"arn:aws:cloudwatch::{account.id}:dashboard/payment-{suffix}",
        }
        assert {one.owner for one in parts.values()} <= tagged


def test_calls_grow_no_faster_than_environments(aws: LocalAws, planted: dict[str, list[str]]) -> None:
    few = calls_of_all(aws, FEW)
    rest = [suffix for suffix in suffixes(MORE) if suffix not in planted]
    plant_all(Account.of_local_aws(aws, REGION), rest, bucket=BUCKET)
    assert calls_of_all(aws, MORE) <= 2 * few


def test_what_was_deleted_is_not_found_though_the_tagging_api_returns_it(
    aws: LocalAws, planted: dict[str, list[str]]
) -> None:
    account = Account.of_local_aws(aws, REGION)
    suffix = "pr-1-b"
    key = next(arn for arn in planted[suffix] if ":kms:" in arn)
    gateway = next(arn for arn in planted[suffix] if ":natgateway/" in arn)
    account.client("kms").schedule_key_deletion(KeyId=key.rpartition("/")[2], PendingWindowInDays=7)
    account.client("kms").delete_alias(AliasName=f"alias/payment-database-{suffix}")
    account.client("ec2").delete_nat_gateway(NatGatewayId=gateway.rpartition("/")[2])
    tagging = account.client("resourcegroupstaggingapi")
    assert tagging.get_resources(ResourceARNList=[key])["ResourceTagMappingList"]
    remaining = set(planted[suffix]) - {key, gateway}
    for found in (finder_on(aws).environment(suffix), *finder_on(aws).all()):
        if found.suffix == suffix:
            assert {one.arn for one in found.resources if one.evidence is Evidence.TAGS} == remaining


@pytest.mark.long
def test_two_hundred_environments_are_listed_in_time(tmp_path: Path) -> None:
    with LocalAws.started(tmp_path / "local_aws") as aws:
        account = Account.of_local_aws(aws, REGION)
        account.client("s3").create_bucket(Bucket=BUCKET)
        plant_all(account, suffixes(MANY), bucket=BUCKET)
        calls_of_all(aws, MANY)
        seconds = []
        for _ in range(4):
            start = time.monotonic()
            run = subprocess.run(
                [sys.executable, "-m", "tap", "env", "list", "--json"],
                cwd=tmp_path,
                env={**os.environ, **aws.environment(), "AWS_REGION": REGION, "STATE_BUCKET": BUCKET}
                | {"PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                check=True,
            )
            seconds.append(time.monotonic() - start)
            assert len(json.loads(run.stdout)["environments"]) == MANY
        print(f"tap env list with {MANY} environments: {', '.join(f'{one:.1f} s' for one in seconds)}")
        assert min(seconds) <= SECONDS_FOR_MANY, seconds
