"""How the commands of `tap env` reach what they work on: the inputs are validated before anything is touched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import typer

from lib.settings import Settings, load_settings
from tap.account import Account
from tap.environment import EnvironmentNotFoundError
from tap.inventory.finder import Finder
from tap.inventory.found import FoundEnvironment
from tap.inventory.states import StateStore, open_states

SuffixArgument = Annotated[str, typer.Argument(metavar="SUFFIX", help="The environment's suffix.", show_default=False)]


@dataclass(frozen=True)
class Reached:
    """An account, where it keeps states, and the finder of its environments."""

    settings: Settings
    account: Account
    states: StateStore

    @cached_property
    def finder(self) -> Finder:
        return Finder(self.account, self.states, self.settings.secondary_region)

    def find(self) -> FoundEnvironment:
        """The environment that the settings name. Raises `EnvironmentNotFoundError`, saying where else it is."""
        suffix = self.settings.environment_suffix
        found = self.finder.environment(suffix)
        if found.exists:
            return found
        there = f"; it is in Region {found.elsewhere}: give --region {found.elsewhere}" if found.elsewhere else ""
        raise EnvironmentNotFoundError(
            f"no environment {suffix!r} in {self.account.place}: neither a state nor a resource with its tags"
            + (there or "; check the suffix, --region and the account, or see `tap env list`")
        )


def reach(*, suffix: str | None = None, region: str | None = None, local: bool = False) -> Reached:
    """Raises `lib.settings.SettingsError` for what cannot be used, `LocalAwsError` if no local AWS runs."""
    given = {"environment_suffix": suffix, "aws_region": region}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    account = Account.reach(settings.aws_region, endpoint_url=settings.aws_endpoint_url, local=local)
    return Reached(settings, account, open_states(settings, account))
