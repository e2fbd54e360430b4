"""What `tap env list`, `show`, `verify`, `extend` and `expire` print, and how they end."""

from __future__ import annotations

import json
import re
from datetime import datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from tap.commands.environments import reach as reaching
from tap.expiry.expiration import Expiration, Outcome
from tap.expiry.extension import Extension
from tap.inspection import portrait as portraits
from tap.inspection import regions
from tap.inspection import summary as summaries
from tap.inspection.health import Health, RaisedAlarm
from tap.inspection.regions import Place, RegionView
from tap.inspection.replication import Copy
from tap.inventory.states import State
from tap.removal.receipt import Receipt
from tap.terraform_drift import Drift
from tests.unit.tap_commands.conftest import Tap
from tests.unit.tap_expiry.fakes import LOCK, FakeFinder, FakeStates
from tests.unit.tap_inspection.environments import HOUR, NOW, REGION, found, known, queue, state, tags

COMMANDS = {name: import_module(f"tap.commands.environments.{name}") for name in ("list", "show", "verify", "expiry")}
LATE = queue("x", "pr-2", tags=tags("pr-2", ExpiresAt=(NOW - 3 * HOUR).isoformat(), Owner="[b]bob[/b]"))


class World:
    """An account as the commands reach it."""

    def __init__(self) -> None:
        self.finder = FakeFinder({"pr-1": found(queue()), "pr-2": found(LATE, suffix="pr-2", with_state=False)})
        self.states = FakeStates(
            state(known(queue(), "aws_sqs_queue.queue"), outputs={"url": "https://x", "ids": ["a"]})
        )
        self.drift: tuple[Drift, ...] = ()
        self.reached: list[dict[str, Any]] = []

    def reach(self, **options: Any) -> Any:
        self.reached.append(options)
        account = SimpleNamespace(region=REGION, place=f"Region {REGION}")
        account.in_region = lambda _: account
        settings: Any = SimpleNamespace(environment_suffix=options.get("suffix"), protected_suffixes="prod")
        reached = reaching.Reached(settings, account, self.states)  # type: ignore[arg-type]
        reached.__dict__["finder"] = self.finder
        return reached


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    for command in COMMANDS.values():
        monkeypatch.setattr(command, "reach", world.reach)
    for module in (summaries, portraits, COMMANDS["expiry"]):
        monkeypatch.setattr(module, "aws_time", lambda _: NOW)
    monkeypatch.setattr(summaries, "health_of_all", lambda _: {"pr-1": Health.ALARM})
    monkeypatch.setattr(regions, "health_of", lambda *_: Health.ALARM)
    raised = [RaisedAlarm("payment-errors-pr-1", NOW - HOUR, "3 errors", REGION)]
    monkeypatch.setattr(portraits, "raised_alarms", lambda *_: raised)
    for module in (portraits, COMMANDS["verify"]):
        monkeypatch.setattr(module, "find_drift", lambda *_, **__: world.drift)
    return world


def test_the_list_for_people(tap: Tap, world: World) -> None:
    world.finder.elsewhere = {"pr-9": "eu-central-1"}
    ended = tap("env", "list")
    assert ended.code == 0
    first, second = [line for line in ended.out.splitlines() if "pr-" in line]
    assert [cell.strip() for cell in first.split("│")[1:-1]] == [
        "pr-1", "single-region", "ephemeral", "ada", "1 d 2 h", "-", "ALARM", "1", "-",
    ]  # fmt: skip
    assert "expired 3 h ago" in second
    assert "resources without state" in second
    assert "[b]bob[/b]" in second
    assert ended.err == f"2 environments in Region {REGION}\nin other Regions: pr-9 (eu-central-1)\n"


def test_the_list_for_programs(tap: Tap, world: World) -> None:
    document = json.loads(tap("env", "list", "--json").out)
    assert [one["suffix"] for one in document["environments"]] == ["pr-1", "pr-2"]
    assert document["environments"][1]["expires_at"] == "2030-01-31T09:00:00+00:00"
    assert (document["region"], document["total"], document["elsewhere"]) == (REGION, 2, {})
    assert world.reached == [{"region": None, "local": False}]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--expired"], ["pr-2"]),
        (["--owner", "ada"], ["pr-1"]),
        (["--owner", "ad"], []),
        (["--expired", "--owner", "ada"], []),
    ],
)
@pytest.mark.usefixtures("world")
def test_the_list_can_be_narrowed(tap: Tap, options: list[str], expected: list[str]) -> None:
    document = json.loads(tap("env", "list", "--json", *options).out)
    assert ([one["suffix"] for one in document["environments"]], document["total"]) == (expected, 2)
    assert f"{len(expected)} of 2 environments" in tap("env", "list", *options).err


def test_one_environment_for_people(tap: Tap, world: World) -> None:
    world.drift = (Drift("aws_sqs_queue.queue", "aws_sqs_queue", "update", ("delay_seconds",)),)
    shown = tap("env", "show", "pr-1")
    assert shown.code == 0
    for text in ("s3://states/payment/single-region/pr-1.tfstate", "never", "ALARM", "events", "https://x", '["a"]',
                 "payment-errors-pr-1", "3 errors", "differs in delay_seconds"):  # fmt: skip
        assert text in shown.out


def test_one_environment_in_two_regions(tap: Tap, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.finder = FakeFinder({"pr-1": found(queue(tags=tags(SecondaryRegion="us-west-2")))})

    def view(_account: Any, _suffix: str, place: Place) -> RegionView:
        return RegionView(place, Health.OK, place.deployed_as, f"https://{place.region}")

    copies = [Copy("payment-global-pr-1", "us-west-2", "follows", "connected")]
    monkeypatch.setattr(portraits, "view", view)
    monkeypatch.setattr(portraits, "copies_of", lambda *_: copies)
    shown = tap("env", "show", "pr-1", "--no-drift").out
    for line in (rf"{REGION} +│ primary +│ primary +│ https://{REGION} +│ ok", r"us-west-2 +│ secondary +│ secondary",
                 r"payment-global-pr-1 +│ us-west-2 +│ follows +│ connected"):  # fmt: skip
        assert re.search(line, shown)
    document = json.loads(tap("env", "show", "pr-1", "--no-drift", "--json").out)
    assert [one["region"] for one in document["regions"]] == [REGION, "us-west-2"]
    assert document["replication"] == [copy.as_json() for copy in copies]
    assert document["secondary_region"] == "us-west-2"


def test_one_environment_for_programs(tap: Tap, world: World) -> None:
    document = json.loads(tap("env", "show", "pr-1", "--json", "--no-drift").out)
    assert document["outputs"] == {"ids": ["a"], "url": "https://x"}
    assert document["concerns"] == {"events": [{"type": "sqs:queue", "name": "payment-queue-pr-1", "arn": queue().arn}]}
    assert document["alarms"] == [
        {"name": "payment-errors-pr-1", "region": REGION, "since": "2030-01-31T11:00:00+00:00", "reason": "3 errors"}
    ]
    assert (document["verification"], document["tainted"], document["lock"]) == (None, [], None)
    assert json.loads(tap("env", "show", "pr-1", "--json").out)["verification"]["clean"] is True
    assert world.reached[0] == {"suffix": "pr-1", "region": None, "local": False}


def test_one_that_somebody_is_at_work_on(tap: Tap, world: World) -> None:
    world.states.held = LOCK
    shown = tap("env", "show", "pr-1")
    assert "by ada@laptop since 2030-01-31T11:00:00Z (apply), id lock-1" in shown.out
    assert "drift was not looked for: the state is locked" in shown.err
    lock = json.loads(tap("env", "show", "pr-1", "--json").out)["lock"]
    assert lock == {"id": "lock-1", "who": "ada@laptop", "since": "2030-01-31T11:00:00Z", "operation": "apply"}


def test_tainted_resources_are_named(tap: Tap, world: World) -> None:
    (one,) = state(known(queue(), "aws_rds_cluster.cluster")).resources
    broken = type(one)(one.address, one.type, one.mode, one.attributes, tainted=True)
    world.states.state = State(1, "x", {}, (broken,))
    assert "aws_rds_cluster.cluster" in tap("env", "show", "pr-1", "--no-drift").out
    assert json.loads(tap("env", "show", "pr-1", "--json").out)["tainted"] == ["aws_rds_cluster.cluster"]


@pytest.mark.parametrize("command", ["show", "verify"])
def test_what_is_not_there(tap: Tap, world: World, command: str) -> None:
    ended = tap("env", command, "pr-9")
    assert (ended.code, ended.out) == (3, "")
    assert f"no environment 'pr-9' in Region {REGION}" in ended.err
    world.finder.elsewhere = {"pr-9": "eu-central-1"}
    assert "it is in Region eu-central-1: give --region eu-central-1" in tap("env", command, "pr-9").err


@pytest.mark.parametrize(("drift", "stray", "code"), [(0, 0, 0), (1, 0, 10), (0, 1, 11), (1, 1, 12)])
def test_the_exit_code_says_what_was_found(tap: Tap, world: World, drift: int, stray: int, code: int) -> None:
    world.drift = (Drift("aws_sqs_queue.gone", "aws_sqs_queue", "delete"),) * drift
    world.finder.environments["pr-1"] = found(queue(), *[queue("stray")] * stray)
    ended = tap("env", "verify", "pr-1", "--json")
    document = json.loads(ended.out)
    assert ended.code == code
    assert (len(document["vanished"]), len(document["leftovers"]), document["clean"]) == (drift, stray, code == 0)
    people = tap("env", "verify", "pr-1")
    assert people.code == code
    assert ("is as its state says: 1 resources, no drift, no leftovers" in people.err) == (code == 0)


@pytest.fixture
def extended(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The ends that were set."""
    ends: list[datetime] = []

    class Extending:
        def __init__(self, _account: object, _states: object, environment: Any) -> None:
            self.environment = environment

        def run(self, end: datetime) -> Extension:
            ends.append(end)
            updated = self.environment.state is not None
            return Extension(self.environment.suffix, self.environment.expires_at, end, (queue(),), updated)

    monkeypatch.setattr(COMMANDS["expiry"], "Extending", Extending)
    return ends


@pytest.mark.usefixtures("world")
def test_more_time(tap: Tap, extended: list[datetime]) -> None:
    ended = tap("env", "extend", "pr-2", "4h", "--json")
    assert (ended.code, extended) == (0, [NOW + 4 * HOUR])
    assert json.loads(ended.out) == {
        "suffix": "pr-2",
        "before": "2030-01-31T09:00:00+00:00",
        "expires_at": "2030-01-31T16:00:00+00:00",
        "time_left": "4 h",
        "tagged": 1,
        "state_updated": False,
    }
    assert "only the tags were set, which is what counts: it has no state" in ended.err


@pytest.mark.usefixtures("world")
def test_what_never_expires_gets_an_end_on_request_only(tap: Tap, extended: list[datetime]) -> None:
    refused = tap("env", "extend", "pr-1", "4h")
    assert (refused.code, extended) == (1, [])
    assert "--set" in refused.err
    assert tap("env", "extend", "pr-1", "4h", "--set").code == 0
    assert extended == [NOW + 4 * HOUR]


def test_a_time_that_is_none_is_refused_before_anything_is_reached(tap: Tap, world: World) -> None:
    ended = tap("env", "extend", "pr-1", "4 hours")
    assert (ended.code, world.reached) == (2, [])
    assert "'4 hours' is no duration and no time; use minutes, hours or days such as 90m" in ended.err


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Suffixes of what was removed; `pr-3` fails."""
    done: list[str] = []

    def remove(_self: object, one: Any, _progress: object) -> Expiration:
        done.append(one.suffix)
        if one.suffix == "pr-3":
            return Expiration(one.suffix, one.expires_at, Outcome.FAILED, "no\nreally")
        receipt = Receipt(one.suffix, "123456789012", REGION, removed=("a.b", "c.d"))
        return Expiration(one.suffix, one.expires_at, Outcome.REMOVED, receipt=receipt)

    monkeypatch.setattr(COMMANDS["expiry"].Expiry, "remove", remove)
    monkeypatch.setattr("tap.expiry.expiration.aws_time", lambda _: NOW)
    return done


@pytest.mark.usefixtures("world")
def test_a_dry_run_removes_nothing(tap: Tap, removed: list[str]) -> None:
    ended = tap("env", "expire", "--dry-run")
    assert (ended.code, removed) == (0, [])
    assert "pr-2" in ended.out
    assert "pr-1" not in ended.out
    document = json.loads(tap("env", "expire", "--dry-run", "--json").out)
    assert document == {
        "region": REGION,
        "dry_run": True,
        "environments": [{"suffix": "pr-2", "expires_at": "2030-01-31T09:00:00+00:00"}],
    }


@pytest.mark.usefixtures("world")
def test_nobody_is_asked_where_there_is_no_terminal(tap: Tap, removed: list[str]) -> None:
    ended = tap("env", "expire")
    assert (ended.code, removed) == (2, [])
    assert "give --yes" in ended.err


@pytest.mark.usefixtures("world")
def test_what_is_past_its_time_is_removed(tap: Tap, removed: list[str]) -> None:
    ended = tap("env", "expire", "--yes", "--json")
    assert (ended.code, removed) == (0, ["pr-2"])
    (one,) = json.loads(ended.out)["environments"]
    assert (one["outcome"], one["receipt"]["removed"]) == ("removed", 2)


def test_one_failure_is_a_failure_of_all(tap: Tap, world: World, removed: list[str]) -> None:
    end = (NOW - 4 * HOUR).isoformat()
    world.finder.environments["pr-3"] = found(queue(suffix="pr-3", tags=tags("pr-3", ExpiresAt=end)), suffix="pr-3")
    ended = tap("env", "expire", "--yes")
    assert (ended.code, removed) == (1, ["pr-3", "pr-2"])
    assert "pr-3: failed, no" in ended.err
    assert "really" not in ended.out


def test_nothing_is_past_its_time(tap: Tap, world: World, removed: list[str]) -> None:
    del world.finder.environments["pr-2"]
    ended = tap("env", "expire", "--yes")
    assert (ended.code, removed, ended.err) == (0, [], "no environment is past its time\n")
    assert json.loads(tap("env", "expire", "--yes", "--json").out)["environments"] == []
