"""The line that the list shows of an environment."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tap.account import Account
from tap.inspection import summary
from tap.inspection.health import Health
from tap.inspection.summary import NO_RESOURCES, NO_STATE, summarize, summarize_all
from tap.inventory.errors import InventoryError
from tap.inventory.finder import Finder
from tests.unit.tap_inspection.environments import HOUR, NOW, REGION, found, queue, tags

ACCOUNT = cast(Account, SimpleNamespace(region=REGION))


def test_a_line_says_it_all() -> None:
    end = (NOW + 3 * HOUR).isoformat()
    line = summarize(found(queue(tags=tags(ExpiresAt=end))), Health.OK, NOW)
    assert line.as_json() == {
        "suffix": "pr-1",
        "architecture": "single-region",
        "secondary_region": None,
        "class": "ephemeral",
        "owner": "ada",
        "created": "2030-01-30T10:00:00+00:00",
        "age": "1 d 2 h",
        "expires_at": end,
        "time_left": "3 h",
        "expired": False,
        "health": "ok",
        "resources": 1,
        "note": None,
    }


def test_what_is_past_its_time() -> None:
    line = summarize(found(queue(tags=tags(ExpiresAt=(NOW - 3 * HOUR).isoformat()))), Health.NONE, NOW)
    assert (line.expired, line.time_left, line.health) == (True, "expired 3 h ago", Health.NONE)
    assert summarize(found(queue(tags=tags(ExpiresAt=NOW.isoformat()))), Health.NONE, NOW).expired


def test_what_is_half_there() -> None:
    assert summarize(found(), Health.NONE, NOW).note == NO_RESOURCES
    assert summarize(found(queue(), with_state=False), Health.NONE, NOW).note == NO_STATE
    bare = replace(found(queue(tags={}), with_state=False), created=None)
    assert (summarize(bare, Health.NONE, NOW).age, summarize(bare, Health.NONE, NOW).time_left) == (None, None)


def test_all_are_listed_by_suffix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary, "health_of_all", lambda _: {"pr-2": Health.ALARM})
    monkeypatch.setattr(summary, "aws_time", lambda _: NOW)
    finder = SimpleNamespace(all=lambda: [found(queue(suffix=name), suffix=name) for name in ("pr-2", "pr-1")])
    lines = summarize_all(ACCOUNT, cast(Finder, finder))
    assert [(line.suffix, line.health) for line in lines] == [("pr-1", Health.NONE), ("pr-2", Health.ALARM)]


def test_one_in_two_regions_is_as_the_worse_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    alarms = {
        REGION: {"primary-pr-1": Health.OK, "primary-pr-2": Health.OK, "pr-3": Health.OK},
        "us-west-2": {"secondary-pr-1": Health.OK, "secondary-pr-2": Health.ALARM, "pr-3": Health.ALARM},
    }
    asked: list[str] = []

    def ask(account: Any) -> dict[str, Health]:
        asked.append(account.region)
        return alarms[account.region]

    monkeypatch.setattr(summary, "health_of_all", ask)
    monkeypatch.setattr(summary, "aws_time", lambda _: NOW)
    both = {name: tags(name, SecondaryRegion="us-west-2") for name in ("pr-1", "pr-2")}
    everything = [found(queue(suffix=name, tags=of), suffix=name) for name, of in both.items()]
    everything.append(found(queue(suffix="pr-3"), suffix="pr-3"))
    account = SimpleNamespace(region=REGION, in_region=lambda region: SimpleNamespace(region=region))
    lines = summarize_all(cast(Account, account), cast(Finder, SimpleNamespace(all=lambda: everything)))
    assert [line.health for line in lines] == [Health.OK, Health.ALARM, Health.OK]
    assert [line.secondary_region for line in lines] == ["us-west-2", "us-west-2", None]
    assert asked == [REGION, "us-west-2"]


def test_half_a_list_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm listing or a search that fails ends the command: nothing is shown as if it were all."""

    def fail(*_: Any) -> Any:
        raise InventoryError("tagging.GetResources failed")

    monkeypatch.setattr(summary, "aws_time", lambda _: NOW)
    monkeypatch.setattr(summary, "health_of_all", lambda _: {})
    with pytest.raises(InventoryError):
        summarize_all(ACCOUNT, cast(Finder, SimpleNamespace(all=fail)))
    monkeypatch.setattr(summary, "health_of_all", fail)
    with pytest.raises(InventoryError):
        summarize_all(ACCOUNT, cast(Finder, SimpleNamespace(all=lambda: [found(queue())])))
