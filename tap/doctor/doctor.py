"""Runs the examinations, side by side, and puts what they found in order."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from lib.availability import partition_of
from lib.settings import RegionRole, Settings
from local_aws.server import LocalAwsError
from tap.account import Account
from tap.doctor import backups, orders, quotas, region, state
from tap.doctor import identity as identity_checks
from tap.doctor import inputs as input_checks
from tap.doctor.check import Check, Status
from tap.doctor.design import Design, DesignError
from tap.doctor.examination import CannotCheckError, Examination
from tap.doctor.identity import Identity, UnreachableError
from tap.doctor.inputs import Inputs
from tap.doctor.tools import Tools

THREADS = 8
_OF_ACCOUNT = (state.GROUP, quotas.GROUP, orders.GROUP, backups.GROUP)
DEFAULT_REGION = str(Settings.model_fields["aws_region"].default)


@dataclass(frozen=True)
class Report:
    """What was found; `reached`: whether the account answered."""

    checks: tuple[Check, ...]
    reached: bool

    @property
    def ok(self) -> bool:
        """Whether there is no fault."""
        return all(check.status is not Status.FAULT for check in self.checks)


class Doctor:
    """Examines this computer, and the account that its credentials reach. Changes nothing on either."""

    def __init__(self, *, region: str | None = None, local: bool = False, tools: Tools | None = None) -> None:
        self.region = region
        self.local = local
        self.tools = tools or Tools()
        self.inputs = Inputs.read(region)

    def examine(self) -> Report:
        """Every check, in the order of the report."""
        with ThreadPoolExecutor(THREADS) as threads:
            # First, as others wait for it: a thread is free for it then.
            design = threads.submit(self._synthesize)
            local = [threads.submit(each.checks) for each in [*self.tools.examinations(), *self._inputs(design)]]
            try:
                account = self._account()
                identity = Identity.ask(account)
            except UnreachableError as error:
                remote = [each.skipped("the account was not reached", "see Account") for each in self._skipped()]
                return Report((*_flat(local), *error.checks, *(check for checks in remote for check in checks)), False)
            found = [threads.submit(each.checks) for each in self._of_account(account, identity, design)]
            return Report((*_flat(local), *_flat(found)), True)

    def _account(self) -> Account:
        settings = self.inputs.settings
        endpoint_url = settings.aws_endpoint_url if settings else os.environ.get("AWS_ENDPOINT_URL") or None
        name = settings.aws_region if settings else self.region or os.environ.get("AWS_REGION") or DEFAULT_REGION
        if partition_of(name) is None:
            fault = Check.not_checked("Account", "credentials", "the inputs name no Region", "correct AWS_REGION first")
            raise UnreachableError([fault])
        try:
            return Account.reach(name, endpoint_url=endpoint_url, local=self.local)
        except LocalAwsError as error:
            raise UnreachableError([Check.fault("Account", "local AWS", str(error), "`make local`")]) from None

    def _synthesize(self) -> Design | DesignError:
        if self.inputs.settings is None:
            return DesignError("the inputs cannot be used")
        try:
            return Design.synthesize(self.region)
        except DesignError as error:
            return error

    def _inputs(self, design: Future[Design | DesignError]) -> list[Examination]:
        group, settings = input_checks.GROUP, self.inputs.settings
        found = [
            Examination(group, "settings", self.inputs.checks),
            Examination(group, ".env", partial(input_checks.env_file, Path.cwd())),
            Examination(group, "TF_CLI_CONFIG_FILE", input_checks.cli_configuration_file),
        ]
        if settings is not None:
            today = datetime.now(UTC).date()
            found.append(Examination(group, "ends of life", partial(input_checks.ends_of_life, settings, today)))
            shown = partial(lambda used: input_checks.architecture(used, design.result()), settings)
            found.append(Examination(group, "architecture", shown))
        return found

    def _of_account(
        self, account: Account, identity: Identity, design: Future[Design | DesignError]
    ) -> list[Examination]:
        group, usable = identity_checks.GROUP, self.inputs.usable
        credentials = partial(identity_checks.credentials, identity, account.session, datetime.now(UTC))
        return [
            Examination(group, "credentials", credentials),
            Examination(group, "account", lambda: identity_checks.account_number(identity, usable())),
            Examination(group, "clock", partial(identity_checks.clock, identity.skew_seconds)),
            Examination(group, "Region", partial(region.region, account)),
            Examination(group, "zones", lambda: region.zones(account, usable())),
            *self._of_secondary(account),
            *self._of_state(account),
            *quotas.examinations(account, self._suffix, partial(_known, design)),
            *orders.examinations(account, partial(_known, design)),
            *backups.examinations(account, partial(_known, design)),
        ]

    def _of_secondary(self, account: Account) -> list[Examination]:
        """The other Region, where the architecture has two."""
        settings = self.inputs.settings
        if settings is None or not settings.in_two_regions:
            return []
        there, own = account.in_region(settings.secondary_region), settings.in_region(RegionRole.SECONDARY)
        group, role = identity_checks.GROUP, RegionRole.SECONDARY
        return [
            Examination(group, "secondary Region", partial(region.region, there, role)),
            Examination(group, "secondary credentials", partial(identity_checks.there, there)),
            Examination(group, "secondary zones", partial(region.zones, there, own)),
        ]

    def _of_state(self, account: Account) -> list[Examination]:
        settings = self.inputs.settings
        if settings is None:
            return [Examination(state.GROUP, "state", _raising(self.inputs.usable))]
        if not settings.state_bucket:
            on_local_aws = account.endpoint_url is not None
            look = partial(state.local_state, settings, on_local_aws=on_local_aws)
            return [Examination(state.GROUP, "state", look)]
        bucket = state.StateBucket(account, settings.state_bucket, settings.state_region or settings.aws_region)
        return [Examination(state.GROUP, "bucket", bucket.checks)]

    def _skipped(self) -> list[Examination]:
        """What cannot be looked at without an account."""
        return [Examination(group, "all", lambda: []) for group in _OF_ACCOUNT]

    @property
    def _suffix(self) -> str:
        return self.inputs.settings.environment_suffix if self.inputs.settings else ""


def _known(design: Future[Design | DesignError]) -> Design:
    """The design, waited for. Raises CannotCheckError where there is none."""
    found = design.result()
    if isinstance(found, DesignError):
        raise CannotCheckError("what the settings need is not known", "see Inputs")
    return found


def _raising(usable: Callable[[], Any]) -> Callable[[], list[Check]]:
    def look() -> list[Check]:
        usable()
        return []

    return look


def _flat(futures: Sequence[Future[list[Check]]]) -> list[Check]:
    return [check for future in futures for check in future.result()]
