"""The Terraform states of all environments, in a state bucket or in files beside the project."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from lib.settings import Settings
from tap.account import Account
from tap.inventory.local_states import LocalStates
from tap.inventory.s3_states import S3States
from tap.inventory.state import State, StateResource
from tap.inventory.stored_state import StoredState
from tap.terraform_errors import LockInfo
from tap.toolchain import ROOT

__all__ = ["LocalStates", "S3States", "State", "StateResource", "StateStore", "StoredState", "open_states"]


class StateStore(Protocol):
    """Where states are kept. Everything raises `InventoryError` for what cannot be read."""

    def list(self) -> list[StoredState]:
        """All states, empty ones with them, sorted by suffix."""

    def read(self, suffix: str) -> State | None:
        """The state of an environment, None if there is none."""

    def read_stored(self, stored: StoredState) -> State:
        """A state of the list; an empty one if it was removed since."""

    def find(self, suffix: str) -> StoredState | None:
        """Where the state of an environment is, None if there is none."""

    def lock(self, suffix: str) -> LockInfo | None:
        """Who holds the state, None if nobody does."""

    def remove_empty(self, suffix: str) -> bool:
        """Remove the state if no resource is left in it and nobody holds it. Returns whether it was removed."""


def open_states(settings: Settings, account: Account, variables: Mapping[str, str] = os.environ) -> StateStore:
    """The states that a deployment with these settings and this account reads and writes."""
    if settings.state_bucket:
        return S3States(account, settings.state_bucket, settings.state_region or settings.aws_region)
    return LocalStates(state_directory(variables))


def state_directory(variables: Mapping[str, str] = os.environ) -> Path:
    """The folder of states in files: the one above cdktf's output (`lib.provider.configure_state`)."""
    output = variables.get("CDKTF_OUTDIR")
    return Path(output).resolve().parent if output else ROOT
