"""A Terraform that plans what it is told to, and a sweeper and surroundings that remember what they were asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tap.adoption.imports import FILE
from tap.inventory.finder import FoundEnvironment
from tap.inventory.resource import Resource, environment_tags, resource_type
from tap.inventory.states import State, StateResource
from tap.removal.sweep import SweepReport
from tap.terraform import Plan
from tap.terraform_errors import TerraformError
from tap.terraform_events import ChangeSummary, PlannedChange

SUFFIX = "pr-1"
ACCOUNT = "123456789012"


def resource(arn: str, *, suffix: str = SUFFIX, **tags: str) -> Resource:
    """One with the tags of the environment; `arn` begins with its service."""
    full = f"arn:aws:{arn}"
    return Resource(full, resource_type(full), {**environment_tags(suffix), **tags})


def listed(address: str, *, tainted: bool = False, **attributes: Any) -> StateResource:
    """One that the state lists."""
    return StateResource(address, address.split(".")[0], "managed", attributes, tainted=tainted)


def state(*resources: StateResource) -> State:
    """A state that lists these."""
    return State(1, "lineage", resources=resources)


def change(address: str, action: str = "create", **values: Any) -> dict[str, Any]:
    """What a plan's JSON says of one resource. `importing` and `before` are what it takes over."""
    actions = {"replace": ["delete", "create"], "import": ["no-op"]}.get(action, [action])
    importing, before = values.pop("importing", None), values.pop("before", None)
    paths = values.pop("replace_paths", None)
    return {
        "address": address,
        "type": address.split(".")[0],
        "mode": "managed",
        "change": {
            "actions": actions,
            "after": values,
            "before": before,
            **({"importing": {"id": importing}} if importing else {}),
            **({"replace_paths": paths} if paths else {}),
        },
    }


@dataclass
class PlanningTerraform:
    """Plans to make `wanted` (arguments by address) but for what `made` and `adopted` hold; `ending` are more changes.

    `failures` are raised by the next applies, in order. `foreign` addresses turn out to have these tags.
    """

    directory: Path
    wanted: Mapping[str, Mapping[str, Any]]
    made: set[str] = field(default_factory=set)
    ending: Sequence[PlannedChange] = ()
    failures: list[TerraformError] = field(default_factory=list)
    foreign: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    applied: list[dict[str, str]] = field(default_factory=list)
    untainted: list[str] = field(default_factory=list)
    plans: int = 0

    def plan(self) -> Plan:
        self.plans += 1
        imports = self._imports()
        changes = [
            PlannedChange(address, address.split(".")[0], "import" if address in imports else "create")
            for address in self.wanted
            if address not in self.made
        ]
        changes += self.ending
        return Plan(self.directory / "tap.tfplan", not changes, tuple(changes), ChangeSummary("plan"))

    def plan_json(self, _plan: Plan) -> dict[str, Any]:
        imports = self._imports()
        documents = []
        for address in self.wanted.keys() - self.made:
            values = dict(self.wanted[address])
            if address in imports:
                tags = self.foreign.get(address, environment_tags(SUFFIX))
                values |= {"importing": imports[address], "before": {"tags_all": dict(tags)}}
            documents.append(change(address, "import" if address in imports else "create", **values))
        documents.sort(key=lambda each: str(each["address"]))
        self.last_imports = imports
        return {"resource_changes": documents}

    def apply(self, _plan: Plan) -> ChangeSummary:
        if self.failures:
            raise self.failures.pop(0)
        self.applied.append(getattr(self, "last_imports", {}))
        self.made |= self.wanted.keys()
        return ChangeSummary("apply", add=len(self.wanted))

    def untaint(self, address: str) -> None:
        self.untainted.append(address)

    def _imports(self) -> dict[str, str]:
        file = self.directory / FILE
        blocks = json.loads(file.read_text())["import"] if file.exists() else []
        return {block["to"]: block["id"] for block in blocks}


@dataclass
class Found:
    """What is found in turn, the last one for good."""

    answers: list[Sequence[Resource]]

    def __call__(self) -> FoundEnvironment:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return FoundEnvironment(SUFFIX, resources=tuple(answer))


@dataclass
class RecordingSweeper:
    """Removes everything, but for what is in `stuck`."""

    stuck: Sequence[Resource] = ()
    asked: list[Resource] = field(default_factory=list)

    def sweep(self, suffix: str, resources: Iterable[Resource]) -> SweepReport:
        assert suffix == SUFFIX
        given = list(resources)
        self.asked += given
        return SweepReport(
            swept=[each for each in given if each not in self.stuck],
            failed=[(each, "in use") for each in given if each in self.stuck],
        )
