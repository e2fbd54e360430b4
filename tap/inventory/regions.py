"""In which Regions an environment is looked for: one or two, and the one that answers for what belongs to none."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from lib.availability import partition_of
from tap.account import Account
from tap.inventory.errors import InventoryError
from tap.inventory.listing import at_once, is_refused
from tap.inventory.resource import Resource
from tap.inventory.tagging import tagged_resources

SECONDARY_REGION = "SecondaryRegion"
"""The tag of everything of an environment in two Regions."""


class TaggedSearch:
    """Asks the tagging API of one Region after the other for the resources of `suffix`, or of any environment.

    `guessed` is a Region that nothing but the inputs names: where it may not be asked, nothing is there for these
    credentials. Everything else raises `InventoryError`.
    """

    def __init__(self, account: Account, suffix: str | None, guessed: str | None) -> None:
        self._account = account
        self._suffix = suffix
        same_partition = guessed is not None and partition_of(guessed) == partition_of(account.region)
        self._guessed = guessed if same_partition else None
        self._answers: dict[str, list[Resource]] = {}

    @property
    def first(self) -> list[str]:
        """The Regions to begin with."""
        account = self._account
        return list(dict.fromkeys(filter(None, (account.region, account.global_region, self._guessed))))

    def ask(self, region: str) -> None:
        """Search in a Region that may be the guessed one."""
        try:
            self._answers[region] = tagged_resources(self._account, region, self._suffix)
        except InventoryError as error:
            known = (self._account.region, self._account.global_region)
            if region in known or not is_refused(error.__cause__):
                raise

    def ask_also(self, regions: Collection[str]) -> None:
        """Search in Regions that something of the environment names, unless they have answered."""
        missing = sorted(set(regions) - self._answers.keys())
        found = at_once(partial(tagged_resources, self._account, region, self._suffix) for region in missing)
        self._answers.update(zip(missing, found, strict=True))

    @property
    def found(self) -> list[Resource]:
        """What was found, each once."""
        return list({one.arn: one for answer in self._answers.values() for one in answer}.values())
