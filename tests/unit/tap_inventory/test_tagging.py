"""Resources by tags, to the last page, and only those whose tags all agree."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from tap.account import Account
from tap.inventory import listing
from tap.inventory.errors import InventoryError
from tap.inventory.resource import environment_tags
from tap.inventory.tagging import _owned, tagged_resources
from tests.unit.tap_inventory.conftest import REGION, Answers

TAGGING = "resourcegroupstaggingapi"


def make_queues(account: Account, names: list[str], tags: dict[str, str]) -> None:
    sqs = account.client("sqs")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: sqs.create_queue(QueueName=name, tags=tags), names))


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetResources")


def test_all_pages_are_read(account: Account) -> None:
    make_queues(account, [f"q-{number}" for number in range(230)], environment_tags("pr-1"))
    make_queues(account, ["other"], environment_tags("pr-12"))
    found = tagged_resources(account, REGION, "pr-1")
    assert {one.name for one in found} == {f"q-{number}" for number in range(230)}
    assert {one.type for one in found} == {"sqs:queue"}
    assert account.calls[f"{TAGGING}.GetResources"] >= 3
    assert len(tagged_resources(account, REGION)) == 231


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_page_that_fails_is_an_error(account: Account, answers: Answers, page: int) -> None:
    make_queues(account, [f"q-{number}" for number in range(230)], environment_tags("pr-1"))
    failure = error("InternalServiceException")
    answers.instead(account, TAGGING, "GetResources", lambda number: failure if number == page else None)
    with pytest.raises(InventoryError, match=r"resourcegroupstaggingapi\.GetResources in eu-west-1 failed"):
        tagged_resources(account, REGION, "pr-1")


def test_a_throttled_page_is_asked_for_again(
    account: Account, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LONGEST_PAUSE", 0.001)
    make_queues(account, [f"q-{number}" for number in range(130)], environment_tags("pr-1"))
    throttled = error("ThrottledException")
    answers.instead(account, TAGGING, "GetResources", lambda number: throttled if number in (2, 3) else None)
    assert len(tagged_resources(account, REGION, "pr-1")) == 130


def test_throttling_that_does_not_end_is_an_error(
    account: Account, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LONGEST_PAUSE", 0.001)
    answers.instead(account, TAGGING, "GetResources", error("ThrottledException"))
    with pytest.raises(InventoryError, match="ThrottledException"):
        tagged_resources(account, REGION)
    assert len(answers.asked) == listing.ATTEMPTS


@pytest.mark.parametrize(
    "change",
    [
        {"EnvironmentSuffix": "pr-12"},
        {"EnvironmentSuffix": "PR-1"},
        {"EnvironmentSuffix": "pr-1 "},
        {"EnvironmentSuffix": ""},
        {"EnvironmentSuffix": "../pr-1"},
        {"Environment": "payment-pr-12"},
        {"ManagedBy": "CDKTF"},
        {"ManagedBy": ""},
    ],
)
def test_tags_that_disagree_find_nothing(account: Account, change: dict[str, str]) -> None:
    make_queues(account, ["q"], {**environment_tags("pr-1"), **change})
    assert tagged_resources(account, REGION, "pr-1") == []
    assert tagged_resources(account, REGION) == []


NAMES = st.sampled_from(["EnvironmentSuffix", "Environment", "ManagedBy", "environmentsuffix", "Owner"])
VALUES = st.sampled_from(["pr-1", "pr-12", "payment-pr-1", "payment-pr-12", "cdktf", ""]) | st.text(max_size=5)


@given(st.dictionaries(NAMES, VALUES))
def test_whatever_aws_returns_only_exact_tags_count(tags: dict[str, str]) -> None:
    """Also where the API's filters were wider than asked for."""
    mapping = {
        "ResourceARN": "arn:aws:sqs:eu-west-1:123456789012:q",
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    found = list(_owned(iter([mapping]), "pr-1"))
    assert bool(found) == (environment_tags("pr-1").items() <= tags.items())
