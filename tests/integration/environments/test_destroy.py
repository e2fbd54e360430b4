"""Environments removed on a local AWS: whole, half there, with leftovers, without a state, protected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lib.settings import load_settings
from tap.removal.preview import OtherRegionError
from tap.removal.protection import DeletionProtectionError, ProtectedError
from tap.terraform_errors import StalePlanError
from tap.terraform_events import Event, Operation
from tests.integration.environments.cheap_stack import REGION
from tests.integration.environments.ground import Ground

ACCOUNT = "123456789012"
RESOURCES = 14


@pytest.fixture(scope="module")
def all_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with Ground.started(tmp_path_factory.mktemp("destroy")) as started:
        yield started


@pytest.fixture
def ground(all_ground: Ground) -> Ground:
    """The local AWS, emptied, with the state bucket."""
    all_ground.aws.reset()
    all_ground.account.client("s3").create_bucket(Bucket="payment-states")
    return all_ground


def tags(suffix: str, **inputs: str) -> dict[str, str]:
    return load_settings(_env_file=None, environment_suffix=suffix, aws_region=REGION, **inputs).tags


def tag_list(suffix: str, **inputs: str) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in tags(suffix, **inputs).items()]


@pytest.mark.parametrize("in_bucket", [True, False], ids=["S3", "local"])
def test_an_environment_is_removed_with_its_state_and_a_second_time_there_is_nothing(
    ground: Ground, in_bucket: bool
) -> None:
    ground = replace(ground, in_bucket=in_bucket)
    ground.deploy("pr-1")
    shown = ground.tap("env", "destroy", "pr-1", "--dry-run", "--json")
    assert (shown.code, len(shown.result["going"])) == (0, RESOURCES), shown.err
    assert {one["type"] for one in shown.result["going"] if one["holds_data"]} == {"aws_dynamodb_table"}
    ended = ground.tap("env", "destroy", "pr-1", "--yes", "--json")
    assert ended.code == 0, ended.err
    receipt = ended.result
    assert (receipt["removed"], receipt["swept"], receipt["kept"], receipt["left"]) == (RESOURCES, 0, 0, 0)
    assert (receipt["account"], receipt["region"]) == (ACCOUNT, REGION)
    assert 0 < receipt["terraform_seconds"] <= receipt["seconds"]
    assert ground.left() == {}
    assert list(ground.directory.glob("*.tfstate*")) == []
    again = ground.tap("env", "destroy", "pr-1", "--yes", "--json")
    assert again.code == 0
    assert [again.result[name] for name in ("removed", "swept", "kept", "left")] == [0, 0, 0, 0]
    assert "there was nothing of environment 'pr-1'" in again.err + str(again.result["notes"])


def test_without_a_state_everything_is_swept(ground: Ground) -> None:
    ground.deploy("pr-1")
    ground.account.client("s3").delete_object(Bucket="payment-states", Key="payment/single-region/pr-1.tfstate")
    receipt = ground.destruction("pr-1").run()
    assert receipt.left == ()
    assert receipt.removed == ()
    assert {resource.type for resource in receipt.swept} >= {"dynamodb:table", "kms:key", "iam:role", "ssm:parameter"}
    assert "there was no state" in receipt.notes[0]
    assert ground.left() == {}


def test_leftovers_are_swept_and_on_the_receipt_and_similar_names_untouched(ground: Ground) -> None:
    client = ground.account.client
    ground.deploy("pr-1")
    client("sqs").create_queue(QueueName="payment-orphan-pr-1", tags=tags("pr-1"))
    client("sqs").create_queue(QueueName="payment-queue-pr-1")
    client("sqs").create_queue(QueueName="payment-queue-pr-12", tags=tags("pr-12"))
    client("s3").create_bucket(Bucket="payment-files-pr-1")
    client("s3").put_bucket_tagging(Bucket="payment-files-pr-1", Tagging={"TagSet": tag_list("pr-1")})
    client("s3").put_object(Bucket="payment-files-pr-1", Key="stray", Body=b"anything")
    log_group = "/aws/lambda/payment-processor-pr-1"

    def write_late(event: Event) -> None:
        """As a function does that logs once more after its log group was removed."""
        if isinstance(event, Operation) and event.phase == "complete" and event.address.endswith("group.log"):
            client("logs").create_log_group(logGroupName=log_group)

    destruction = ground.destruction("pr-1")
    shown = {one.name for one in destruction.preview().going if one.swept}
    assert shown == {"payment-orphan-pr-1", "payment-files-pr-1"}
    receipt = destruction.run(write_late)
    assert receipt.left == ()
    assert len(receipt.removed) == RESOURCES
    swept = {(resource.type, resource.name) for resource in receipt.swept}
    assert swept == {
        ("sqs:queue", "payment-orphan-pr-1"),
        ("s3:bucket", "payment-files-pr-1"),
        ("logs:log-group", log_group),
    }
    urls = client("sqs").list_queues()["QueueUrls"]
    assert sorted(url.rpartition("/")[2] for url in urls) == ["payment-queue-pr-1", "payment-queue-pr-12"]


def test_what_was_changed_since_it_was_shown_is_shown_again_first(ground: Ground) -> None:
    terraform = ground.deploy("pr-1")
    destruction = ground.destruction("pr-1")
    destruction.preview()
    # A tainted resource is removed like any other.
    terraform._run("taint", "aws_dynamodb_table.table")
    before = ground.aws.leftovers()
    with pytest.raises(StalePlanError, match="changed since this was planned, so nothing was done"):
        destruction.run()
    assert ground.aws.leftovers() == before
    receipt = ground.destruction("pr-1").run()
    assert (len(receipt.removed), receipt.left) == (RESOURCES, ())
    assert ground.left() == {}


def test_another_region_is_named_and_nothing_is_touched(ground: Ground) -> None:
    topic = {"arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:payment-topic-pr-1", "tags_all": tags("pr-1")}
    resource = {"mode": "managed", "type": "aws_sns_topic", "name": "topic", "instances": [{"attributes": topic}]}
    state = {"version": 4, "serial": 1, "lineage": "a", "outputs": {}, "resources": [resource]}
    ground.account.client("s3").put_object(
        Bucket="payment-states", Key="payment/single-region/pr-1.tfstate", Body=json.dumps(state).encode()
    )
    before = ground.left()
    ended = ground.tap("env", "destroy", "pr-1", "--yes", "--region", "eu-west-1", STATE_REGION=REGION)
    assert ended.code == 3
    assert "environment 'pr-1' is in Region us-east-1 and not in eu-west-1: give `--region us-east-1`" in ended.err
    assert ground.left() == before


def test_without_a_state_another_region_is_found_by_the_tags(ground: Ground) -> None:
    ground.account.client("iam").create_role(
        RoleName="payment-role-pr-1", AssumeRolePolicyDocument="{}", Tags=tag_list("pr-1")
    )
    account = type(ground.account).of_local_aws(ground.aws, "eu-west-1")
    with pytest.raises(OtherRegionError, match="--region us-east-1"):
        replace(ground, account=account, in_bucket=False).destruction("pr-1").preview()


def test_a_protected_suffix_needs_itself_and_the_account(ground: Ground) -> None:
    ground.deploy("live")
    before = ground.left()
    refused = {
        "give `--account 123456789012`": ground.tap("env", "destroy", "live", "--yes"),
        "not of 210987654321": ground.tap("env", "destroy", "live", "--confirm", "live", "--account", "210987654321"),
        "--confirm live": ground.tap("env", "destroy", "live", "--yes", "--account", ACCOUNT),
        "'liv' is not 'live'": ground.tap("env", "destroy", "live", "--confirm", "liv", "--account", ACCOUNT),
    }
    assert {text: text in " ".join(ended.err.split()) for text, ended in refused.items()} == dict.fromkeys(
        refused, True
    )
    assert [ended.code for ended in refused.values()] == [1, 1, 2, 2]
    assert ground.left() == before
    done = ground.tap("env", "destroy", "live", "--confirm", "live", "--json", AWS_ACCOUNT_ID=ACCOUNT)
    assert (done.code, done.result["left"]) == (0, 0), done.err
    assert ground.left() == {}


def test_production_is_refused_as_a_whole_while_something_is_protected(ground: Ground) -> None:
    ground.deploy("shop", environment_class="production", protected=True)
    before = ground.left()
    destruction = ground.destruction("shop")
    assert destruction.preview().protection.reasons == ("class production",)
    with pytest.raises(DeletionProtectionError, match=r"payment-sessions-shop has deletion .*CLASS=staging"):
        destruction.run(confirmed="shop", account_id=ACCOUNT)
    assert ground.left() == before
    table = {"TableName": "payment-sessions-shop", "DeletionProtectionEnabled": False}
    ground.account.client("dynamodb").update_table(**table)
    with pytest.raises(ProtectedError, match="--yes is not enough"):
        ground.destruction("shop").run()
    receipt = ground.destruction("shop").run(confirmed="shop", account_id=ACCOUNT)
    assert (len(receipt.removed), receipt.left) == (RESOURCES, ())


def test_backups_of_a_production_environment_without_state_are_kept(ground: Ground) -> None:
    client = ground.account.client
    production = [
        {"Key": name, "Value": value} for name, value in (tags("shop") | {"EnvironmentClass": "production"}).items()
    ]
    key = client("kms").create_key(Tags=[{"TagKey": one["Key"], "TagValue": one["Value"]} for one in production])
    cluster: dict[str, Any] = {"DBClusterIdentifier": "payment-cluster-shop", "Engine": "aurora-mysql"}
    client("rds").create_db_cluster(**cluster, MasterUsername="u", MasterUserPassword="p" * 10, Tags=production)
    client("rds").create_db_cluster_snapshot(
        DBClusterSnapshotIdentifier="payment-cluster-final-shop",
        DBClusterIdentifier="payment-cluster-shop",
        Tags=production,
    )
    receipt = ground.destruction("shop").run(confirmed="shop", account_id=ACCOUNT)
    assert {resource.type for resource in receipt.kept} == {"rds:cluster-snapshot", "kms:key"}
    assert [resource.type for resource in receipt.swept] == ["rds:cluster"]
    assert receipt.left == ()
    assert "cancel-key-deletion" in receipt.notes[-1]
    assert client("kms").describe_key(KeyId=key["KeyMetadata"]["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"


def test_nobody_to_ask_is_said_before_anything_is_looked_at(ground: Ground) -> None:
    ended = ground.tap("env", "destroy", "pr-1")
    assert ended.code == 2
    assert "there is no terminal: give --yes" in " ".join(ended.err.split())
