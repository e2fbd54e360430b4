"""Which environments there are, and where each is at home."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lib.provider_options import state_key
from lib.settings import load_settings
from tap.account import Account
from tap.inventory.errors import InventoryError
from tap.inventory.finder import Finder
from tests.integration.environments.planted_state import state_text
from tests.unit.tap_inventory.conftest import BUCKET, REGION, Answers

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def tags_of(suffix: str, region: str = REGION, **others: str) -> dict[str, str]:
    return {**load_settings(_env_file=None, environment_suffix=suffix, aws_region=region).tags, **others}


def make_queue(account: Account, name: str, tags: dict[str, str]) -> str:
    account.client("sqs").create_queue(QueueName=name, tags=tags)
    return f"arn:aws:sqs:{account.region}:123456789012:{name}"


def make_role(account: Account, name: str, tags: dict[str, str]) -> str:
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    role = account.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=pairs)
    return str(role["Role"]["Arn"])


def put_state(account: Account, suffix: str, arns: list[str], tags: dict[str, str]) -> None:
    body = state_text(arns, tags).encode()
    account.client("s3").put_object(Bucket=BUCKET, Key=state_key("single-region", suffix), Body=body)


def test_an_empty_account_has_none(finder: Finder) -> None:
    assert finder.all() == []
    found = finder.environment("pr-1")
    assert not found.exists
    assert (found.suffix, found.state, found.resources) == ("pr-1", None, ())


def test_what_an_environment_is_made_of(finder: Finder, account: Account) -> None:
    tags = tags_of("pr-1", EnvironmentClass="staging", ExpiresAt="2030-01-31T18:00:00+00:00")
    queue, role = make_queue(account, "payment-replay-pr-1", tags), make_role(account, "payment-relay-pr-1", tags)
    put_state(account, "pr-1", [queue, role], tags)
    (listed,) = finder.all()
    for found in (listed, finder.environment("pr-1")):
        assert [one.arn for one in found.resources] == sorted([queue, role])
        assert (found.architecture, found.environment_class, found.owner) == (
            "single-region",
            "staging",
            "payments-team",
        )
        assert found.expires_at == datetime(2030, 1, 31, 18, tzinfo=UTC)
        assert found.created is not None
        assert abs((datetime.now(UTC) - found.created).total_seconds()) < 600
        assert found.state is not None
        assert found.state.location.endswith("/pr-1.tfstate")
        assert found.tags == tags


def test_suffixes_are_exact(finder: Finder, account: Account) -> None:
    for suffix in ("pr-1", "pr-12", "pr-1-b", "r-1"):
        make_queue(account, f"payment-replay-{suffix}", tags_of(suffix))
        make_role(account, f"payment-relay-{suffix}", tags_of(suffix))
    make_queue(account, "payment-untagged-pr-1", {})
    assert [one.suffix for one in finder.all()] == ["pr-1", "pr-1-b", "pr-12", "r-1"]
    assert [one.name for one in finder.environment("pr-1").resources] == ["payment-relay-pr-1", "payment-replay-pr-1"]


def test_a_state_without_resources_is_an_environment(finder: Finder, account: Account) -> None:
    arns = [f"arn:aws:sqs:{REGION}:123456789012:q-{number}" for number in range(4)]
    put_state(account, "pr-1", arns, tags_of("pr-1", Owner="ann"))
    for found in (finder.all()[0], finder.environment("pr-1")):
        assert found.state is not None
        assert (found.resources, found.owner) == ((), "ann")


def test_an_empty_state_is_none(finder: Finder, account: Account) -> None:
    put_state(account, "pr-1", [], {})
    assert finder.all() == []
    assert not finder.environment("pr-1").exists
    make_queue(account, "q", tags_of("pr-1"))
    (found,) = finder.all()
    assert (found.state, len(found.resources)) == (None, 1)


def test_resources_without_a_state_are_an_environment(finder: Finder, account: Account) -> None:
    make_queue(account, "q", tags_of("pr-1"))
    for found in (finder.all()[0], finder.environment("pr-1")):
        assert found.state is None
        assert [one.name for one in found.resources] == ["q"]
        assert found.created is None


def test_environments_of_another_region_are_elsewhere(finder: Finder, account_in: Callable[[str], Account]) -> None:
    there = account_in("us-east-1")
    tags = tags_of("pr-1", "us-east-1")
    queue, role = make_queue(there, "q", tags), make_role(there, "payment-relay-pr-1", tags)
    put_state(finder.account, "pr-1", [queue, role], tags)
    assert finder.all() == []
    assert finder.elsewhere == {"pr-1": "us-east-1"}
    found = finder.environment("pr-1")
    assert not found.exists
    assert found.elsewhere == "us-east-1"
    home = Finder(there, finder.states)
    assert [len(one.resources) for one in home.all()] == [2]
    assert home.elsewhere == {}


def test_a_state_of_another_region_is_elsewhere(finder: Finder) -> None:
    arns = [f"arn:aws:sqs:us-west-2:123456789012:q-{number}" for number in range(4)]
    put_state(finder.account, "pr-1", arns, tags_of("pr-1", "us-west-2"))
    assert finder.all() == []
    assert finder.elsewhere == {"pr-1": "us-west-2"}
    assert finder.environment("pr-1").elsewhere == "us-west-2"


def test_what_is_left_here_of_one_that_is_elsewhere_is_found_without_its_state(
    finder: Finder, account_in: Callable[[str], Account]
) -> None:
    there = account_in("us-east-1")
    queue = make_queue(there, "q", tags_of("pr-1", "us-east-1"))
    put_state(finder.account, "pr-1", [queue] * 4, tags_of("pr-1", "us-east-1"))
    make_queue(finder.account, "left", tags_of("pr-1"))
    make_role(finder.account, "payment-relay-pr-1", tags_of("pr-1", "us-east-1"))
    for found in (finder.all()[0], finder.environment("pr-1")):
        assert [one.name for one in found.resources] == ["left"]
        assert (found.state, found.elsewhere) == (None, "us-east-1")


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("resourcegroupstaggingapi", "GetResources"),
        ("iam", "GetAccountAuthorizationDetails"),
        ("s3", "ListObjectsV2"),
        ("sqs", "GetQueueUrl"),
        ("kms", "DescribeKey"),
    ],
)
def test_half_a_search_is_an_error(
    finder: Finder, account: Account, answers: Answers, service: str, operation: str
) -> None:
    make_queue(account, "q", tags_of("pr-1"))
    tags = [{"TagKey": key, "TagValue": value} for key, value in tags_of("pr-1").items()]
    account.client("kms").create_key(Tags=tags)
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)
    answers.instead(account, service, operation, denied)
    for search in (finder.all, lambda: finder.environment("pr-1")):
        with pytest.raises(InventoryError, match=rf"^{service}\.{operation} .*AccessDenied"):
            search()


def test_a_broken_state_is_an_error(finder: Finder, account: Account) -> None:
    account.client("s3").put_object(Bucket=BUCKET, Key=state_key("single-region", "pr-1"), Body=b"{")
    for search in (finder.all, lambda: finder.environment("pr-1")):
        with pytest.raises(InventoryError, match=r"pr-1\.tfstate is no Terraform state"):
            search()


def test_the_most_protected_class_counts(finder: Finder, account: Account) -> None:
    for number, environment_class in enumerate(("ephemeral", "production", "ephemeral")):
        make_queue(account, f"q-{number}", tags_of("pr-1", EnvironmentClass=environment_class))
    assert finder.all()[0].environment_class == "production"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], None),
        (["2030-01-01T00:00:00+00:00", None], "2030-01-01T00:00:00+00:00"),
        (["2030-01-01T00:00:00+00:00", "2030-01-02T00:00:00+02:00"], "2030-01-02T00:00:00+02:00"),
        (["2030-01-01T00:00:00"], None),
        (["yesterday", "2020-01-01T00:00:00+00:00"], None),
        ([""], None),
    ],
)
def test_the_latest_expiry_counts(
    finder: Finder, account: Account, given: list[str | None], expected: str | None
) -> None:
    make_queue(account, "q", tags_of("pr-1"))
    for number, text in enumerate(given):
        extra: dict[str, Any] = {} if text is None else {"ExpiresAt": text}
        make_queue(account, f"q-{number}", tags_of("pr-1", **extra))
    assert finder.all()[0].expires_at == (datetime.fromisoformat(expected) if expected else None)
