"""States, finder and Terraform that say what they are told, and remember what was asked of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tap.inventory.found import FoundEnvironment
from tap.inventory.states import State
from tap.terraform_errors import LockInfo, TerraformError

LOCK = LockInfo("lock-1", "states/payment/single-region/pr-1.tfstate", "apply", "ada@laptop", "2030-01-31T11:00:00Z")


@dataclass
class FakeStates:
    """One state, and who holds it."""

    state: State | None = None
    held: LockInfo | None = None

    def lock(self, _suffix: str) -> LockInfo | None:
        return self.held

    def read(self, _suffix: str) -> State | None:
        return self.state


@dataclass
class FakeFinder:
    """Environments by suffix; `later` are as they are when looked at again."""

    environments: dict[str, FoundEnvironment] = field(default_factory=dict)
    later: dict[str, FoundEnvironment] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)

    def all(self) -> list[FoundEnvironment]:
        return list(self.environments.values())

    def environment(self, suffix: str) -> FoundEnvironment:
        found = self.later.get(suffix) or self.environments.get(suffix)
        return found or FoundEnvironment(suffix, elsewhere=self.elsewhere.get(suffix))


class FakeWorkspace:
    """A workspace whose Terraform finds `drift`; class attributes, since the code under test makes the instance."""

    drift: list[dict[str, Any]] = []  # noqa: RUF012
    error: TerraformError | None = None
    made: dict[str, Any] = {}  # noqa: RUF012
    applied: list[Any] = []  # noqa: RUF012
    plan_file: Path

    def __init__(self, _account: object, suffix: str, _states: object, **options: Any) -> None:
        type(self).made = {"suffix": suffix, **options}

    def open(self, _on_event: object = None) -> FakeWorkspace:
        if self.error:
            raise self.error
        return self

    def refresh_plan(self) -> Any:
        self.plan_file.write_text("a plan")

        @dataclass
        class Plan:
            file: Path

        return Plan(self.plan_file)

    def plan_json(self, plan: Any) -> dict[str, Any]:
        assert plan.file.exists()
        return {"resource_drift": self.drift}

    def apply(self, plan: Any) -> None:
        self.applied.append(plan)


def drifted(
    address: str, *, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None
) -> dict[str, Any]:
    """An entry of `resource_drift` in a plan; without `after` the resource is gone."""
    actions = ["update"] if after is not None else ["delete"]
    return {
        "address": address,
        "type": address.partition(".")[0],
        "mode": "managed",
        "change": {"actions": actions, "before": before or {}, "after": after},
    }
