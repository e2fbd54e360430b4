"""What a deploy refuses: the loss of data, what belongs to somebody else, and a state of another place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tap.account import Account
from tap.adoption.data_loss import DataLossError, ending, refuse_data_loss
from tap.adoption.ownership import (
    ForeignResourceError,
    OtherArchitectureError,
    OtherPlaceError,
    refuse_foreign,
    refuse_other_architecture,
    refuse_other_place,
)
from tap.inventory.found import describe
from tap.inventory.resource import environment_tags
from tap.inventory.stored_state import StoredState
from tap.terraform_events import PlannedChange
from tests.unit.tap_adoption.planning import ACCOUNT, change, listed, resource, state

CLUSTER = PlannedChange("aws_rds_cluster.ledger", "aws_rds_cluster", "replace", "cannot_update")
TABLE = PlannedChange(
    "aws_dynamodb_table.sessions", "aws_dynamodb_table", "delete", "delete_because_no_resource_config"
)
ALARM = PlannedChange("aws_cloudwatch_metric_alarm.a", "aws_cloudwatch_metric_alarm", "replace")
INSTANCE = PlannedChange("aws_rds_cluster_instance.b", "aws_rds_cluster_instance", "delete")


def test_a_plan_that_would_remove_data_is_refused_with_addresses_reasons_and_the_way_to_allow_it() -> None:
    document = {
        "resource_changes": [
            change("aws_rds_cluster.ledger", "replace", replace_paths=[["storage_encrypted"], ["kms_key_id"]])
        ]
    }
    with pytest.raises(DataLossError) as refused:
        refuse_data_loss([CLUSTER, TABLE, ALARM], set(), lambda: document)
    message = str(refused.value)
    assert "- replace aws_rds_cluster.ledger (because of storage_encrypted, kms_key_id)" in message
    assert "- delete aws_dynamodb_table.sessions (because of delete because no resource config)" in message
    assert "--replace aws_rds_cluster.ledger --replace aws_dynamodb_table.sessions" in message
    assert "alarm" not in message


def test_each_address_has_to_be_allowed() -> None:
    with pytest.raises(DataLossError, match=r"delete aws_dynamodb_table\.sessions") as refused:
        refuse_data_loss([CLUSTER, TABLE], {CLUSTER.address}, dict)
    assert CLUSTER.address not in str(refused.value)
    refuse_data_loss([CLUSTER, TABLE], {CLUSTER.address, TABLE.address}, dict)


@pytest.mark.parametrize("type_", ["aws_kms_key", "aws_secretsmanager_secret", "aws_backup_vault", "aws_s3_bucket"])
@pytest.mark.parametrize("action", ["delete", "replace", "forget"])
def test_keys_secrets_vaults_and_buckets_hold_data_too(type_: str, action: str) -> None:
    with pytest.raises(DataLossError, match=rf"{action} {type_}\.x"):
        refuse_data_loss([PlannedChange(f"{type_}.x", type_, action)], set(), dict)


def test_what_holds_none_is_nobodys_business() -> None:
    refuse_data_loss([ALARM, INSTANCE], set(), dict)
    refuse_data_loss([PlannedChange("aws_dynamodb_table.x", "aws_dynamodb_table", "update")], set(), dict)


def test_a_plan_without_loss_is_not_read_again() -> None:
    def unread() -> dict[str, object]:
        raise AssertionError

    refuse_data_loss([ALARM], set(), unread)


def test_the_end_of_something_is_a_removal_or_a_replacement() -> None:
    made = PlannedChange("aws_vpc.vpc", "aws_vpc", "create")
    assert ending([CLUSTER, TABLE, made]) == {CLUSTER.address, TABLE.address}


def test_what_carries_the_tags_may_be_taken_over() -> None:
    own = change("aws_sqs_queue.a", "import", importing="url", before={"tags_all": environment_tags("pr-1")})
    part = change("aws_route.a", "import", importing="rtb-1_0.0.0.0/0", before={})
    refuse_foreign({"resource_changes": [own, part]}, "pr-1")


@pytest.mark.parametrize(
    ("tags", "whose"),
    [
        ({}, "does not have the environment's tags"),
        (environment_tags("pr-12"), "has the tags of environment 'pr-12'"),
        ({**environment_tags("pr-1"), "ManagedBy": "hand"}, "has the tags of environment 'pr-1'"),
    ],
)
def test_what_does_not_is_refused(tags: dict[str, str], whose: str) -> None:
    foreign = change("aws_sqs_queue.a", "import", importing="url", before={"tags_all": tags})
    with pytest.raises(ForeignResourceError, match=rf"aws_sqs_queue\.a: url exists and {whose}"):
        refuse_foreign({"resource_changes": [foreign]}, "pr-1")


def test_a_part_may_lack_the_tags_but_not_have_those_of_another_environment() -> None:
    def plan(tags: dict[str, str]) -> dict[str, object]:
        return {"resource_changes": [change("aws_route53_zone.z", "import", importing="Z", before={"tags_all": tags})]}

    refuse_foreign(plan({}), "pr-1", {"aws_route53_zone.z"})
    with pytest.raises(ForeignResourceError, match="'pr-12'"):
        refuse_foreign(plan(environment_tags("pr-12")), "pr-1", {"aws_route53_zone.z"})
    with pytest.raises(ForeignResourceError, match="does not have"):
        refuse_foreign(plan({}), "pr-1", {"aws_route53_zone.other"})


def test_a_state_of_another_account_is_not_used(account: Account) -> None:
    """Terraform would look for its resources in this account, find none, and forget the others."""
    other = state(listed("aws_vpc.vpc", arn="arn:aws:ec2:us-east-1:999988887777:vpc/vpc-1"))
    with pytest.raises(OtherPlaceError, match=f"account 999988887777, and these credentials are of {ACCOUNT}"):
        refuse_other_place(other, account, "pr-1")


def test_a_state_of_another_region_is_not_used(account: Account) -> None:
    other = state(listed("aws_vpc.vpc", arn=f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/vpc-1"))
    with pytest.raises(OtherPlaceError, match=r"'pr-1' is in Region eu-west-1, not in us-east-1"):
        refuse_other_place(other, account, "pr-1")


def test_a_state_of_another_secondary_region_is_not_used(account: Account) -> None:
    tags = {**environment_tags("pr-1"), "HomeRegion": "us-east-1", "SecondaryRegion": "us-west-2"}
    both = state(listed("aws_vpc.vpc", arn=f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/v", tags={}, tags_all=tags))
    refuse_other_place(both, account, "pr-1", "us-west-2")
    with pytest.raises(OtherPlaceError, match=r"is in Region us-west-2 too.*set SECONDARY_REGION=us-west-2"):
        refuse_other_place(both, account, "pr-1", "eu-west-1")


@pytest.mark.parametrize("with_state", [True, False])
def test_a_suffix_that_is_deployed_with_another_architecture_is_not_used(with_state: bool) -> None:
    topic = resource(f"sns:us-east-1:{ACCOUNT}:payment-alerts-pr-1", Architecture="single-region")
    stored = StoredState("pr-1", "single-region", "s3://b/k", 1, datetime.now(UTC)) if with_state else None
    found = describe("pr-1", [] if with_state else [topic], stored=stored)
    refuse_other_architecture(found, "single-region")
    with pytest.raises(
        OtherArchitectureError,
        match=r"'pr-1' is deployed as single-region, not as multi-region: run `tap env destroy pr-1` first, or",
    ):
        refuse_other_architecture(found, "multi-region")


def test_a_suffix_of_which_nothing_is_there_may_have_any_architecture() -> None:
    refuse_other_architecture(describe("pr-1", []), "multi-region")


def test_a_state_of_this_place_or_none_is(account: Account) -> None:
    refuse_other_place(None, account, "pr-1")
    refuse_other_place(state(), account, "pr-1")
    refuse_other_place(state(listed("aws_vpc.vpc", arn=f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/v")), account, "pr-1")
    managed_by_aws = listed("aws_iam_role_policy_attachment.a", arn="arn:aws:iam::aws:policy/x")
    refuse_other_place(state(managed_by_aws), account, "pr-1")
