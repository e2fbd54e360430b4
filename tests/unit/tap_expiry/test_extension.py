"""More time: first the tags of all resources, then the state, and nothing taken over that was not asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import cast

import pytest

from tap.account import Account
from tap.expiry import extension
from tap.expiry.errors import ExtensionError
from tap.expiry.extension import Extending
from tap.inspection import refresh as refreshing
from tap.inventory.found import FoundEnvironment
from tap.inventory.resource import Resource
from tap.inventory.states import StateStore
from tap.terraform_errors import StateLockedError, TerraformError
from tests.unit.tap_expiry.fakes import LOCK, FakeStates, FakeWorkspace, drifted
from tests.unit.tap_inspection.environments import HOUR, NOW, found, known, part, queue, state, tags

END, NEW_END = NOW + HOUR, NOW + 5 * HOUR
Make = Callable[[FoundEnvironment, FakeStates], Extending]
ONE, OTHER = (queue(name, tags=tags(ExpiresAt=END.isoformat())) for name in ("one", "other"))
PART = part("arn:aws:sqs:eu-west-1:123456789012:part", ONE.arn)
STATE = state(known(ONE, "aws_sqs_queue.one"), known(OTHER, "aws_sqs_queue.other"))
TAG_DRIFT = [
    drifted(f"aws_sqs_queue.{name}", before={"tags_all": {"ExpiresAt": "a"}}, after={"tags_all": {"ExpiresAt": "b"}})
    for name in ("one", "other")
]


class Written:
    """What was tagged, and what refuses."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[Resource], Mapping[str, str]]] = []
        self.refusing: list[tuple[Resource, str]] = []

    def write(
        self, _account: Account, resources: Collection[Resource], tags_: Mapping[str, str]
    ) -> list[tuple[Resource, str]]:
        self.calls.append((list(resources), tags_))
        return self.refusing


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Written:
    written = Written()
    monkeypatch.setattr(extension, "write_tags", written.write)
    return written


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[FakeWorkspace]:
    class Workspace(FakeWorkspace):
        drift = TAG_DRIFT
        applied = []  # noqa: RUF012
        plan_file = tmp_path / "refresh.tfplan"

    monkeypatch.setattr(refreshing, "Workspace", Workspace)
    return Workspace


@pytest.fixture
def extending(tmp_path: Path) -> Make:
    def make(environment: FoundEnvironment, states: FakeStates) -> Extending:
        return Extending(cast(Account, None), cast(StateStore, states), environment, directory=tmp_path / "folders")

    return make


def test_all_that_carries_the_tags_is_tagged_and_the_state_follows(
    extending: Make, written: Written, workspace: type[FakeWorkspace]
) -> None:
    done = extending(found(ONE, OTHER, PART), FakeStates(STATE)).run(NEW_END)
    assert written.calls == [([ONE, OTHER], {"ExpiresAt": "2030-01-31T17:00:00+00:00"})]
    assert (done.before, done.expires_at, done.tagged, done.state_updated) == (END, NEW_END, (ONE, OTHER), True)
    assert workspace.made["architecture"] == "single-region"
    assert workspace.made["tags"] == tags(ExpiresAt=NEW_END.isoformat())
    assert len(workspace.applied) == 1


@pytest.mark.parametrize(
    "drift",
    [
        drifted("aws_sqs_queue.one", before={"delay_seconds": 0}, after={"delay_seconds": 5}),
        drifted("aws_sqs_queue.one"),
    ],
    ids=["changed", "vanished"],
)
def test_other_drift_is_not_hidden_in_the_state(
    extending: Make, written: Written, workspace: type[FakeWorkspace], drift: dict[str, object]
) -> None:
    workspace.drift = [*TAG_DRIFT, drift]
    done = extending(found(ONE, OTHER), FakeStates(STATE)).run(NEW_END)
    assert (done.state_updated, workspace.applied) == (False, [])
    assert len(written.calls) == 1


def test_a_wrong_tag_is_not_hidden_in_the_state(
    extending: Make, written: Written, workspace: type[FakeWorkspace]
) -> None:
    stranger = queue("one", tags=tags(ExpiresAt=END.isoformat(), Owner="bob"))
    done = extending(found(stranger, OTHER), FakeStates(STATE)).run(NEW_END)
    assert (done.state_updated, workspace.applied, len(written.calls)) == (False, [], 1)


@pytest.mark.usefixtures("workspace")
def test_without_a_state_the_tags_are_all_there_is(extending: Make, written: Written) -> None:
    done = extending(found(ONE, with_state=False), FakeStates()).run(NEW_END)
    assert (done.tagged, done.state_updated, len(written.calls)) == ((ONE,), False, 1)


def test_while_somebody_is_at_work_nothing_is_changed(extending: Make, written: Written) -> None:
    with pytest.raises(StateLockedError, match="ada@laptop"):
        extending(found(ONE), FakeStates(STATE, LOCK)).run(NEW_END)
    assert written.calls == []


def test_what_did_not_take_the_tag_is_named_and_the_state_left_alone(
    extending: Make, written: Written, workspace: type[FakeWorkspace]
) -> None:
    written.refusing = [(OTHER, "AccessDenied")]
    with pytest.raises(ExtensionError) as failed:
        extending(found(ONE, OTHER), FakeStates(STATE)).run(NEW_END)
    message = str(failed.value)
    assert "1 of 2 resources did not take the tag ExpiresAt" in message
    assert "run `tap env extend pr-1 2030-01-31T17:00:00+00:00` once the cause is mended" in message
    assert f"- {OTHER.arn}: AccessDenied" in message
    assert workspace.applied == []


def test_a_state_that_cannot_be_brought_in_line_is_told(
    extending: Make, written: Written, workspace: type[FakeWorkspace]
) -> None:
    workspace.error = TerraformError("init", [], "no provider")
    with pytest.raises(ExtensionError, match="its state does not yet: no provider; run `tap env extend pr-1 2030"):
        extending(found(ONE, OTHER), FakeStates(STATE)).run(NEW_END)
    assert len(written.calls) == 1
