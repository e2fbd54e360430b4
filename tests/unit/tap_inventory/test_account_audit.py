"""What an account's audit has without tags is found by its role or by its state."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tap.inventory.errors import InventoryError
from tap.inventory.finder import Finder
from tap.inventory.resource import Evidence
from tests.unit.tap_inventory.conftest import Answers
from tests.unit.tap_inventory.finding import ACCOUNT, arn, parts, state_with

RECORDER = state_with("aws_config_configuration_recorder", name="payment-audit-pr-1")
HUB = state_with("aws_securityhub_account", arn=arn("securityhub", "hub/default"))


def _record(finder: Finder, suffix: str) -> str:
    role = f"arn:aws:iam::{ACCOUNT}:role/payment-configuration-{suffix}"
    recorder = {"name": f"payment-audit-{suffix}", "roleARN": role}
    finder.account.client("config").put_configuration_recorder(ConfigurationRecorder=recorder)
    return role


def test_a_recorder_by_its_role(finder: Finder) -> None:
    role = _record(finder, "pr-1")
    (found,) = parts(finder, RECORDER).values()
    assert (found.arn, found.owner) == (arn("config", "configuration-recorder/payment-audit-pr-1"), role)
    assert parts(finder) == {}


def test_not_the_recorder_of_another_audit(finder: Finder) -> None:
    _record(finder, "pr-12")
    assert parts(finder, RECORDER) == {}


def test_a_hub_by_the_state_as_long_as_it_is_on(finder: Finder) -> None:
    assert parts(finder, HUB) == {}
    finder.account.client("securityhub").enable_security_hub()
    assert parts(finder) == {}
    (found,) = parts(finder, HUB).values()
    assert (found.type, found.evidence) == ("securityhub:hub", Evidence.STATE)


def test_a_hub_that_may_not_be_asked_for_ends_the_search(finder: Finder, answers: Answers) -> None:
    denied: Any = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
    answers.instead(finder.account, "securityhub", "DescribeHub", ClientError(denied, "DescribeHub"))
    with pytest.raises(InventoryError, match=r"securityhub\.DescribeHub"):
        parts(finder, HUB)
