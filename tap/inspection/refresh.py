"""A refresh-only plan: what exists held against the state of an environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tap.account import Account
from tap.inventory.found import FoundEnvironment
from tap.inventory.states import State, StateStore
from tap.terraform import Plan, Terraform
from tap.terraform_drift import Drift, drift_of
from tap.terraform_events import Event
from tap.workspace import DIRECTORY, Workspace


@dataclass(frozen=True)
class Refresh:
    """The plan, what it found, and the Terraform that can apply it: that takes what exists into the state."""

    terraform: Terraform
    plan: Plan
    drift: tuple[Drift, ...]


@contextmanager
def refresh(
    account: Account,
    states: StateStore,
    found: FoundEnvironment,
    state: State,
    *,
    tags: Mapping[str, str] | None = None,
    directory: Path = DIRECTORY,
    on_event: Callable[[Event], None] | None = None,
) -> Iterator[Refresh]:
    """Plan; `tags` are the default tags that the resources should have, those of the state without it.

    In a folder of its own, which ends with the block: several may look at one environment, and a plan holds what the
    state holds. Raises `StateLockedError`, `TerraformError`.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="refresh-", dir=directory) as folder:
        workspace = Workspace(
            account,
            found.suffix,
            states,
            architecture=found.state.architecture if found.state else None,
            tags=state.default_tags if tags is None else tags,
            providers=state.providers,
            directory=Path(folder),
        )
        terraform = workspace.open(on_event)
        plan = terraform.refresh_plan()
        yield Refresh(terraform, plan, drift_of(terraform.plan_json(plan)))


def find_drift(
    account: Account,
    states: StateStore,
    found: FoundEnvironment,
    state: State,
    *,
    directory: Path = DIRECTORY,
    on_event: Callable[[Event], None] | None = None,
) -> tuple[Drift, ...]:
    """What differs from the state. Raises as `refresh` does."""
    if state.is_empty:
        return ()
    with refresh(account, states, found, state, directory=directory, on_event=on_event) as refreshed:
        return refreshed.drift
