"""Each remover removes a resource of the environment, and leaves alone one that is another environment's by now."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tap.account import Account
from tap.inventory.resource import Resource, environment_tags
from tap.removal.ownership import read_now
from tap.removal.remover import Scope
from tap.removal.removers import REMOVERS
from tap.removal.sweep import Sweeper, SweepReport
from tests.unit.tap_removal.maker import Maker
from tests.unit.tap_removal.makers import TAGGED

OURS, THEIRS = environment_tags("pr-1"), environment_tags("pr-12")


def exists(account: Account, resource: Resource) -> bool:
    return read_now(Scope(account, "pr-1", REMOVERS), resource) is not None


def sweep(account: Account, *resources: Resource) -> SweepReport:
    return Sweeper(account).sweep("pr-1", resources, timeout=20)


@pytest.mark.parametrize(("type_", "make"), TAGGED.items(), ids=TAGGED)
def test_removes_what_carries_the_tags(account: Account, type_: str, make: Callable[[Maker], str]) -> None:
    resource = Resource(make(Maker(account, "pr-1", OURS)), type_, OURS)
    assert exists(account, resource)
    assert sweep(account, resource) == SweepReport(swept=[resource])
    assert not exists(account, resource)


@pytest.mark.parametrize(("type_", "make"), TAGGED.items(), ids=TAGGED)
def test_leaves_what_is_of_another_environment_by_now(
    account: Account, type_: str, make: Callable[[Maker], str]
) -> None:
    resource = Resource(make(Maker(account, "pr-1", THEIRS)), type_, OURS)
    report = sweep(account, resource)
    assert report.swept == []
    [(failed, reason)] = report.failed
    assert failed == resource
    assert reason.startswith("its tags are not those of environment pr-1: EnvironmentSuffix=pr-12")
    assert exists(account, resource)


@pytest.mark.parametrize("type_", ["ec2:vpc", "s3:bucket", "sqs:queue", "iam:policy", "rds:cluster"])
def test_leaves_what_has_lost_its_tags(account: Account, type_: str) -> None:
    resource = Resource(TAGGED[type_](Maker(account, "pr-1", {"Team": "payments"})), type_, OURS)
    [(_, reason)] = sweep(account, resource).failed
    assert reason == "its tags are not those of environment pr-1: no such tags"
    assert exists(account, resource)
