"""A small stack whose deploy was ended, whose state is lost, or that somebody else is at work on."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local_aws.server import LocalAws
from tap.account import Account
from tap.adoption.proposal import Proposer, Surroundings
from tap.adoption.rollout import Rollout
from tap.inventory.finder import FoundEnvironment
from tap.inventory.resource import environment_tags
from tap.inventory.states import LocalStates, S3States, StateStore
from tap.removal.sweep import Sweeper
from tap.terraform import Terraform
from tap.toolchain import ROOT
from tests.integration.environments.interruption import Moment, Run, run
from tests.integration.environments.small_stack import REGION, write_small_stack

BUCKET = "payment-states"
SUFFIX = "pr-1"
LOCK_SECONDS = 90


@dataclass(frozen=True)
class SmallStack:
    """The stack in a folder of its own, deployed by a process of its own."""

    aws: LocalAws
    directory: Path
    bucket: str

    @property
    def folder(self) -> Path:
        return self.directory / "cdktf.out/stacks" / f"TapStack{SUFFIX}"

    @property
    def environment(self) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return outside | self.aws.environment() | {"AWS_REGION": REGION}

    @property
    def account(self) -> Account:
        return Account.of_variables(self.environment)

    @property
    def states(self) -> StateStore:
        return S3States(self.account, self.bucket, REGION) if self.bucket else LocalStates(self.directory)

    def run(self, action: str, until: Moment | None = None) -> Run:
        module = "tests.integration.environments.small_deploy"
        command = [sys.executable, "-m", module, action, str(self.folder), SUFFIX, self.bucket]
        return run(command, self.environment, directory=ROOT, until=until)

    def deploy(self) -> Any:
        """What a deploy that has to succeed did."""
        done = self.run("deploy")
        assert done.code == 0, "\n".join(done.stderr)
        return json.loads(done.stdout)

    def delete(self, key: str) -> None:
        self.account.client("s3").delete_object(Bucket=self.bucket, Key=f"payment/single-region/{SUFFIX}{key}")

    def leftovers(self) -> dict[str, list[str]]:
        return {name: ids for name, ids in self.aws.leftovers().items() if not name.endswith("s3/buckets")}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.started(tmp_path_factory.mktemp("local_aws")) as running:
        yield running


@pytest.fixture(params=[BUCKET, ""], ids=["S3", "local"])
def either(aws: LocalAws, tmp_path: Path, request: pytest.FixtureRequest) -> SmallStack:
    """The stack, not deployed, with its state in a bucket and in a file."""
    return _written(aws, tmp_path, request.param)


@pytest.fixture
def stack(aws: LocalAws, tmp_path: Path) -> SmallStack:
    """The stack, not deployed, with its state in a bucket."""
    return _written(aws, tmp_path, BUCKET)


def _written(aws: LocalAws, directory: Path, bucket: str) -> SmallStack:
    aws.reset()
    stack = SmallStack(aws, directory, bucket)
    stack.account.client("s3").create_bucket(Bucket=BUCKET)
    write_small_stack(stack.folder, SUFFIX, endpoint_url=aws.endpoint_url, bucket=bucket or None)
    return stack


@pytest.mark.parametrize("seed", [4, 1], ids=["SIGKILL", "SIGINT"])
def test_a_deploy_that_was_ended_is_finished_by_the_next(stack: SmallStack, seed: int) -> None:
    until = Moment.random("deploy", seed)
    assert stack.run("deploy", until).interrupted, until
    stack.delete(".tfstate.tflock")
    done = stack.deploy()
    assert (done["kept"], done["failed"]) == ([], []), until
    assert stack.deploy()["empty"], until
    assert stack.run("destroy").code == 0
    assert stack.leftovers() == {}, until


def test_a_lost_state_is_found_again_and_neighbors_are_left_alone(stack: SmallStack) -> None:
    stack.deploy()
    before = stack.aws.leftovers()
    _take_tags_from_zone(stack)
    stack.delete(".tfstate")
    sns = stack.account.client("sns")

    def tags(suffix: str, **more: str) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in {**environment_tags(suffix), **more}.items()]

    second = sns.create_topic(Name=f"payment-old-{SUFFIX}", Tags=tags(SUFFIX))["TopicArn"]
    neighbors = [
        sns.create_topic(Name="payment-topic-pr-12", Tags=tags("pr-12"))["TopicArn"],
        sns.create_topic(Name=f"payment-topic-{SUFFIX}-b", Tags=tags(f"{SUFFIX}-b"))["TopicArn"],
        sns.create_topic(Name=f"payment-mine-{SUFFIX}")["TopicArn"],
    ]
    done = stack.deploy()
    assert done["swept"] == [second]
    parts = {"aws_kms_alias.alias", "aws_apigatewayv2_integration.integration", "aws_route53_zone.zone"}
    assert {"aws_vpc.vpc", *parts} <= set(done["adopted"])
    # What AWS takes twice without a word is set again, and is still there once.
    after = stack.aws.leftovers()
    for arn in neighbors:
        after["us-east-1/sns/topics"].remove(arn)
    assert _counts(after) == _counts(before)
    assert stack.deploy()["empty"]
    assert stack.run("destroy").code == 0
    assert sorted(arn for arns in stack.leftovers().values() for arn in arns) == sorted(neighbors)


def test_what_the_tagging_api_does_not_show_yet_is_taken_over_when_it_is_in_the_way(stack: SmallStack) -> None:
    _keep(stack, "aws_dynamodb_table", "aws_cloudwatch_log_group", "aws_iam_role")
    stack.deploy()
    stack.delete(".tfstate")
    proposer = Proposer(
        Terraform(stack.folder, stack.environment),
        SUFFIX,
        Surroundings(stack.account, lambda: FoundEnvironment(SUFFIX), lambda: stack.states.read(SUFFIX)),
    )
    outcome = Rollout(proposer, Sweeper(stack.account)).carry_out(proposer.propose())
    assert {adoption.address for adoption in outcome.adopted} == {
        "aws_dynamodb_table.table",
        "aws_cloudwatch_log_group.log",
        "aws_iam_role.function",
        "aws_iam_role.scheduler",
    }
    assert proposer.propose().empty


def test_of_two_deploys_at_once_one_wins_and_the_other_says_who_holds_the_lock(either: SmallStack) -> None:
    _keep(either, "aws_vpc", "aws_subnet", "aws_dynamodb_table")
    winner: list[Run] = []
    thread = threading.Thread(target=lambda: winner.append(either.run("deploy")))
    thread.start()
    try:
        _wait_for_changes(either)
        lock = either.states.lock(SUFFIX)
        refused = either.run("deploy")
    finally:
        thread.join()
    assert winner[0].code == 0, winner[0].stderr
    assert refused.code == 1
    message = " ".join(" ".join(refused.stderr).split())
    assert lock is not None
    assert f"is locked by {lock.who} since " in message
    assert "@" in lock.who
    assert f"tap env unlock {SUFFIX} --id {lock.id}" in message
    assert either.deploy()["empty"]
    assert either.run("destroy").code == 0
    assert either.leftovers() == {}


def _take_tags_from_zone(stack: SmallStack) -> None:
    """As it is for the first seconds: the provider tags a zone after AWS has it everywhere."""
    route53 = stack.account.client("route53")
    zone = route53.list_hosted_zones()["HostedZones"][0]["Id"].rpartition("/")[2]
    described = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)["ResourceTagSet"]["Tags"]
    keys = [tag["Key"] for tag in described]
    assert keys
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, RemoveTagKeys=keys)


def _wait_for_changes(stack: SmallStack) -> None:
    """Until the other run has begun to make something, so that it holds the lock for a while."""
    deadline = time.monotonic() + LOCK_SECONDS
    while not stack.leftovers():
        assert time.monotonic() < deadline, "the first deploy did not begin"
        time.sleep(0.2)


def _keep(stack: SmallStack, *types: str) -> None:
    """Leave only resources of these types in the configuration."""
    file = stack.folder / "cdk.tf.json"
    content = json.loads(file.read_text())
    content["resource"] = {type_: content["resource"][type_] for type_ in types}
    del content["output"]
    file.write_text(json.dumps(content))


def _counts(leftovers: dict[str, list[str]]) -> dict[str, int]:
    return {name: len(ids) for name, ids in leftovers.items()}
