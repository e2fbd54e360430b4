"""States in a bucket."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lib.settings import load_settings
from tap.account import Account
from tap.inventory.errors import InventoryError
from tap.inventory.states import LocalStates, S3States, open_states
from tests.unit.tap_inventory.conftest import BUCKET, REGION, Answers

KEY = "payment/single-region/pr-1.tfstate"
EMPTY = {"version": 4, "serial": 9, "lineage": "l", "outputs": {}, "resources": []}
FULL = {**EMPTY, "resources": [{"mode": "managed", "type": "aws_eip", "name": "a", "instances": [{"attributes": {}}]}]}
LOCK = {"ID": "1-2", "Operation": "OperationTypeApply", "Who": "ann@host", "Created": "2030-01-01", "Path": "states/x"}


@pytest.fixture
def put(states: S3States) -> Any:
    def write(key: str, document: Any) -> None:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        states.account.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)

    return write


def keys(account: Account) -> list[str]:
    return [item["Key"] for item in account.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_states_are_listed_and_nothing_else(states: S3States, put: Any) -> None:
    for key in (KEY, "payment/containers/a.tfstate", "payment/single-region/pr-12.tfstate"):
        put(key, FULL)
    for other in (
        KEY + ".tflock",
        "payment/single-region/PR-1.tfstate",
        "payment/single-region/pr--1.tfstate",
        "payment/single-region/deep/pr-1.tfstate",
        f"payment/single-region/{'a' * 21}.tfstate",
        "payment/single-region/.tfstate",
        "payment/pr-1.tfstate",
        "other/single-region/pr-1.tfstate",
        "payment/single-region/pr-1.tfstate.backup",
    ):
        put(other, EMPTY)
    found = states.list()
    assert [(one.suffix, one.architecture) for one in found] == [
        ("a", "containers"),
        ("pr-1", "single-region"),
        ("pr-12", "single-region"),
    ]
    assert found[1].location == f"s3://{BUCKET}/{KEY}"
    assert found[1].size == len(json.dumps(FULL))
    assert found[1].modified.tzinfo is not None


def test_all_pages_are_read(states: S3States, put: Any, account: Account) -> None:
    for number in range(1003):
        put(f"payment/single-region/pr-{number}.tfstate", b"{}")
    assert len(states.list()) == 1003
    assert account.calls["s3.ListObjectsV2"] == 2


def test_a_page_that_fails_is_an_error(states: S3States, put: Any, account: Account, answers: Answers) -> None:
    put(KEY, FULL)
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectsV2")
    answers.instead(account, "s3", "ListObjectsV2", denied, REGION)
    with pytest.raises(InventoryError, match=r"s3\.ListObjectsV2 for s3://states/payment/ failed"):
        states.list()


def test_a_state_is_read_by_its_exact_suffix(states: S3States, put: Any) -> None:
    put("payment/single-region/pr-12.tfstate", FULL)
    assert states.read("pr-1") is None
    assert states.find("pr-1") is None
    put(KEY, FULL)
    state = states.read("pr-1")
    assert state is not None
    assert [one.address for one in state.resources] == ["aws_eip.a"]


def test_a_broken_state_is_named(states: S3States, put: Any) -> None:
    put(KEY, b"<html>")
    with pytest.raises(InventoryError, match=f"s3://{BUCKET}/{KEY} is no Terraform state"):
        states.read("pr-1")


def test_one_suffix_has_one_state_that_lists_something(states: S3States, put: Any) -> None:
    put(KEY, EMPTY)
    put("payment/containers/pr-1.tfstate", FULL)
    found = states.find("pr-1")
    assert found is not None
    assert found.architecture == "containers"
    put(KEY, FULL)
    with pytest.raises(InventoryError, match=r"environment pr-1 has two states, .*containers.* and .*single-region"):
        states.read("pr-1")


def test_the_lock_says_who_holds_it(states: S3States, put: Any) -> None:
    assert states.lock("pr-1") is None
    put(KEY + ".tflock", LOCK)
    put("payment/single-region/pr-12.tfstate.tflock", {**LOCK, "Who": "somebody else"})
    lock = states.lock("pr-1")
    assert lock is not None
    assert (lock.id, lock.who, lock.operation, lock.created) == ("1-2", "ann@host", "apply", "2030-01-01")
    put(KEY + ".tflock", b"?")
    with pytest.raises(InventoryError, match=r"pr-1\.tfstate\.tflock is no lock"):
        states.lock("pr-1")


def test_an_empty_state_is_removed_and_no_lock_stays(states: S3States, put: Any, account: Account) -> None:
    put(KEY, EMPTY)
    put("payment/single-region/pr-12.tfstate", EMPTY)
    assert states.remove_empty("pr-1")
    assert keys(account) == ["payment/single-region/pr-12.tfstate"]
    assert not states.remove_empty("pr-1")


def test_a_state_that_lists_something_stays(states: S3States, put: Any, account: Account) -> None:
    put(KEY, FULL)
    assert not states.remove_empty("pr-1")
    assert keys(account) == [KEY]


def test_a_locked_state_stays_and_its_lock_too(states: S3States, put: Any, account: Account) -> None:
    put(KEY, EMPTY)
    put(KEY + ".tflock", LOCK)
    assert not states.remove_empty("pr-1")
    assert keys(account) == [KEY, KEY + ".tflock"]


def test_a_state_that_is_filled_while_it_is_judged_stays(
    states: S3States, put: Any, account: Account, answers: Answers
) -> None:
    """The state is read again once the lock is held."""
    put(KEY, EMPTY)

    def fill(_: int) -> None:
        answers_client.put_object(Bucket=BUCKET, Key=KEY, Body=json.dumps(FULL).encode())

    answers_client = account.session.client("s3", region_name=REGION)
    answers.instead(account, "s3", "PutObject", fill, REGION)
    assert not states.remove_empty("pr-1")
    assert keys(account) == [KEY]


def test_the_lock_is_released_after_a_failure(states: S3States, put: Any, account: Account) -> None:
    put(KEY, b"<html>")
    with pytest.raises(InventoryError):
        states.remove_empty("pr-1")
    assert keys(account) == [KEY]


def test_a_bucket_that_does_not_exist_is_named(account: Account) -> None:
    with pytest.raises(InventoryError, match=r"s3://nowhere/.*NoSuchBucket"):
        S3States(account, "nowhere", REGION).list()


def test_the_settings_say_where_states_are(account: Account, tmp_path: Any) -> None:
    in_bucket = open_states(load_settings(state_bucket="b", state_region="us-east-1", aws_region=REGION), account, {})
    assert isinstance(in_bucket, S3States)
    assert (in_bucket.bucket, in_bucket.region) == ("b", "us-east-1")
    at_home = open_states(load_settings(state_bucket="b", aws_region=REGION), account, {})
    assert isinstance(at_home, S3States)
    assert at_home.region == REGION
    in_files = open_states(load_settings(), account, {"CDKTF_OUTDIR": str(tmp_path / "cdktf.out")})
    assert isinstance(in_files, LocalStates)
    assert in_files.directory == tmp_path
