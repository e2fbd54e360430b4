"""What becomes of resources that an interrupted run left tainted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tap.account import Account
from tap.adoption.tainted import judge
from tests.unit.tap_adoption.planning import listed, state


def cluster(status: str, members: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {"DBClusters": [{"Status": status, "DBClusterMembers": members or []}]}


def test_what_exists_and_works_is_sound(account: Account) -> None:
    account.client("dynamodb").create_table(
        TableName="payment-sessions-pr-1",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    table = listed("aws_dynamodb_table.sessions", tainted=True, id="payment-sessions-pr-1")
    role = listed("aws_iam_role.relay", tainted=True, id="payment-relay-pr-1")
    assert judge(state(table, role), account).sound == (table.address, role.address)


def test_it_is_looked_at_in_its_own_region(account: Account) -> None:
    account.client("kms", "us-west-2").create_key(Description="Sessions")
    [key] = account.client("kms", "us-west-2").list_keys()["Keys"]
    tags = {"HomeRegion": "us-east-1"}
    made = listed("aws_kms_replica_key.sessions", tainted=True, id=key["KeyId"], arn=key["KeyArn"], tags_all=tags)
    there = replace(made, provider="secondary")
    here = listed("aws_kms_key.sessions", tainted=True, id=key["KeyId"], tags_all=tags)
    assert judge(state(here, there), account).sound == (there.address,)


def test_what_is_gone_keeps_its_taint(account: Account) -> None:
    table = listed("aws_dynamodb_table.sessions", tainted=True, id="payment-sessions-pr-1")
    verdict = judge(state(table), account)
    assert (verdict.sound, verdict.replaceable) == ((), ())


def test_what_a_person_wants_replaced_keeps_its_taint(account: Account) -> None:
    role = listed("aws_iam_role.relay", tainted=True, id="payment-relay-pr-1")
    assert judge(state(role), account, replace=[role.address]).sound == ()


@pytest.mark.parametrize("type_", ["aws_lambda_invocation", "aws_acm_certificate_validation", "terraform_data"])
def test_a_deed_that_was_not_seen_to_end_is_done_again(account: Account, type_: str) -> None:
    assert judge(state(listed(f"{type_}.x", tainted=True, id="x")), account).sound == ()


@pytest.mark.parametrize(
    ("described", "replaceable"),
    [
        (cluster("failed"), ("aws_rds_cluster.ledger",)),
        (cluster("failed", [{"DBInstanceIdentifier": "i"}]), ()),
        (cluster("inaccessible-encryption-credentials"), ()),
    ],
    ids=["never available", "had an instance", "key lost"],
)
def test_a_broken_cluster_may_go_only_if_it_never_had_anything_to_hold(
    account: Account, monkeypatch: pytest.MonkeyPatch, described: dict[str, Any], replaceable: tuple[str, ...]
) -> None:
    monkeypatch.setattr(account.client("rds"), "describe_db_clusters", lambda **_: described)
    verdict = judge(state(listed("aws_rds_cluster.ledger", tainted=True, id="payment-cluster-pr-1")), account)
    assert (verdict.sound, verdict.replaceable) == ((), replaceable)
