"""Environments in two Regions on a local AWS: shown, given more time, taken over, and removed with all their parts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.provider_options import state_key
from tap.terraform import Terraform
from tap.workspace import credentials_environment
from tests.integration.environments.ground import BUCKET, Ground
from tests.integration.environments.planted import plant
from tests.integration.environments.two_region_stack import ARCHITECTURE, HOME, OTHER, write_two_region_stack

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Both:
    """A ground with environments in two Regions."""

    ground: Ground

    def deploy(self, suffix: str, **inputs: Any) -> Terraform:
        ground = self.ground
        endpoint_url = ground.aws.endpoint_url
        folder = write_two_region_stack(ground.directory, suffix, endpoint_url=endpoint_url, bucket=BUCKET, **inputs)
        terraform = Terraform(folder, credentials_environment(ground.account), parallelism=30)
        terraform.init("-reconfigure")
        terraform.apply()
        terraform.apply_refresh()
        return terraform

    def lose_state(self, suffix: str) -> None:
        self.ground.account.client("s3").delete_object(Bucket=BUCKET, Key=state_key(ARCHITECTURE, suffix))

    def tap(self, *words: str, **variables: str) -> Any:
        """What a command that has to succeed printed as JSON."""
        ended = self.ground.tap("env", *words, "--json", **variables)
        assert ended.code == 0, ended.err
        return ended.result

    def tags(self, region: str, suffix: str) -> dict[str, dict[str, str]]:
        """The tags of everything in a Region that has the environment's, by ARN, as AWS's tagging API says."""
        client = self.ground.account.client("resourcegroupstaggingapi", region)
        filters = [{"Key": "EnvironmentSuffix", "Values": [suffix]}]
        pages = client.get_paginator("get_resources").paginate(TagFilters=filters)
        return {
            one["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in one["Tags"]}
            for page in pages
            for one in page["ResourceTagMappingList"]
        }


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with Ground.started(tmp_path_factory.mktemp("two_regions"), region=HOME) as ground:
        yield Both(ground)


def test_the_life_of_an_environment_in_two_regions(both: Both) -> None:
    """Shown, verified and given more time in both Regions, then removed through its state."""
    both.deploy("both", expires_at=datetime.now(UTC) + HOUR)
    plant(both.ground.account, "both-1", resources=20)

    shown = both.tap("show", "both")
    regions = [(one["region"], one["deployed_as"], one["role"], one["health"]) for one in shown["regions"]]
    assert regions == [(HOME, "primary", "primary", "ok"), (OTHER, "secondary", "secondary", "ok")]
    assert [one["api"].split(".")[2] for one in shown["regions"]] == [HOME, OTHER]
    assert {(one["region"], one["state"]) for one in shown["replication"]} == {(HOME, "ACTIVE"), (OTHER, "ACTIVE")}
    assert (shown["architecture"], shown["secondary_region"]) == (ARCHITECTURE, OTHER)
    assert shown["verification"]["clean"] is True, shown["verification"]
    listed = {one["suffix"]: one for one in both.tap("list")["environments"]}
    assert {suffix: one["health"] for suffix, one in listed.items()} == {"both": "ok", "both-1": "none"}

    refused = both.ground.tap("env", "show", "both", "--region", OTHER)
    assert (refused.code, f"give --region {HOME}" in refused.err) == (3, True)

    extended = both.tap("extend", "both", "4h")
    assert extended["state_updated"] is True
    for region in (HOME, OTHER):
        tags = both.tags(region, "both")
        assert len(tags) > 8
        assert {one["ExpiresAt"] for one in tags.values()} == {extended["expires_at"]}, tags
    verified = both.tap("verify", "both")
    assert verified["clean"] is True, verified

    # Somebody's own queue in the other Region, with the environment's tags.
    own = dict(next(iter(both.tags(OTHER, "both").values())))
    both.ground.account.client("sqs", OTHER).create_queue(QueueName="payment-stray-both", tags=own)
    verified = both.ground.tap("env", "verify", "both", "--json")
    assert (verified.code, len(verified.result["leftovers"])) == (11, 1), verified.result

    going = both.tap("destroy", "both", "--dry-run")
    assert {one["region"] for one in going["going"]} >= {HOME, OTHER}
    receipt = both.tap("destroy", "both", "--yes")
    assert (receipt["left"], receipt["swept"], receipt["secondary_region"]) == (0, 1, OTHER)
    assert both.tap("destroy", "both-1", "--yes")["left"] == 0
    assert both.ground.left() == {}


def test_a_suffix_that_is_deployed_with_another_architecture_is_refused(both: Both) -> None:
    both.ground.deploy("single-1")
    refused = both.ground.tap(
        "env", "deploy", "--suffix", "single-1", "--yes", ARCHITECTURE=ARCHITECTURE, DB_INSTANCE_COUNT="1"
    )
    assert refused.code == 1
    assert "environment 'single-1' is deployed as single-region, not as multi-region" in refused.err
    assert "`tap env destroy single-1`" in refused.err
    assert both.tap("destroy", "single-1", "--yes")["left"] == 0
    assert both.ground.left() == {}


def test_a_lost_state_is_found_again_in_both_regions(both: Both) -> None:
    terraform = both.deploy("lost")
    before = both.ground.aws.leftovers()
    both.lose_state("lost")
    ended = _take_over(both, terraform.directory, "lost")
    assert (ended["swept"], ended["kept"], ended["failed"]) == ([], [], [])
    assert {"aws_kms_replica_key.secondary_key", "aws_backup_vault.secondary_vault", "aws_dynamodb_table.table"} <= set(
        ended["adopted"]
    )
    assert both.ground.aws.leftovers() == before
    assert _take_over(both, terraform.directory, "lost")["empty"]
    assert both.tap("destroy", "lost", "--yes")["left"] == 0
    assert both.ground.left() == {}


def test_a_switched_global_database_without_a_state_is_removed_by_its_tags(both: Both) -> None:
    """The secondary writes by then: its cluster is the last to leave."""
    both.deploy("data", with_ledger=True)
    shown = both.tap("show", "data", "--no-drift")
    roles = {one["region"]: one["role"] for one in shown["replication"] if one["of"] == "payment-global-data"}
    assert roles == {HOME: "writes", OTHER: "follows"}
    account = both.ground.account
    target = f"arn:aws:rds:{OTHER}:{account.id}:cluster:payment-secondary-data"
    account.client("rds", OTHER).switchover_global_cluster(
        GlobalClusterIdentifier="payment-global-data", TargetDbClusterIdentifier=target
    )
    both.lose_state("data")
    receipt = both.tap("destroy", "data", "--yes")
    assert receipt["left"] == 0, json.dumps(receipt, indent=1)
    types = {one["type"] for one in receipt["swept_resources"]}
    assert {"rds:global-cluster", "rds:cluster", "rds:db", "dynamodb:table", "secretsmanager:secret"} <= types
    assert both.ground.left() == {}


def _take_over(both: Both, folder: Path, suffix: str) -> Any:
    """What a deploy of the folder did, in a process of its own."""
    ended = both.ground.run_deploy(folder, suffix)
    assert ended.code == 0, ended.err
    return ended.result
