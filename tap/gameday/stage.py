"""The environment that a game day takes place in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boto3 import Session

from tap.environment import API_ENDPOINT, Environment
from tap.payment_client import PaymentClient
from tap.recovery.errors import RecoveryRefusedError
from tap.recovery.site import Site

PRODUCTION = "production"
ASKED_AT_ONCE = 1000


class ScenarioUnfitError(RecoveryRefusedError):
    """The scenario is not for this environment. Nothing was touched."""


@dataclass(frozen=True)
class Stage:
    """`site` is the environment in the Region that takes payments; `directory` keeps what recoveries write."""

    site: Site
    directory: Path
    tell: Callable[[str], None]
    settle_seconds: float

    @property
    def environment(self) -> Environment:
        return self.site.environment

    @property
    def production(self) -> bool:
        return self.site.function.tags.get("EnvironmentClass") == PRODUCTION

    @property
    def runs_containers(self) -> bool:
        return self.site.function.tags.get("Architecture") == "containers"

    @property
    def sites(self) -> tuple[Site, ...]:
        """All Regions of the environment, the one that takes payments first."""
        other = self.site.other_region
        return (self.site, self.site.elsewhere(other)) if other else (self.site,)

    def clients(self) -> Sequence[PaymentClient]:
        """Clients of the API of each Region: a caller tries them in turn."""
        return [_client(site) for site in self.sites]

    def present(self, payment_ids: Sequence[str], *, site: Site | None = None) -> set[str]:
        """Those of the payments that the ledger has."""
        function = (site or self.site).function
        found: set[str] = set()
        for start in range(0, len(payment_ids), ASKED_AT_ONCE):
            asked = payment_ids[start : start + ASKED_AT_ONCE]
            found |= function.ask_until("find-payments", payment_ids=list(asked))["payments"].keys()
        return found

    def ledger(self, *, site: Site | None = None) -> dict[str, Any]:
        """The check of the whole ledger."""
        return (site or self.site).function.ask_until("check-ledger")


def _client(site: Site) -> PaymentClient:
    """As `Environment.payment_client`, with a signature for the Region of the site."""
    environment = site.environment
    if environment.account.region == environment.account.session.region_name:
        return environment.payment_client()
    credentials = environment.account.session.get_credentials()
    keys = credentials.get_frozen_credentials() if credentials else None
    session = Session(
        aws_access_key_id=keys.access_key if keys else None,
        aws_secret_access_key=keys.secret_key if keys else None,
        aws_session_token=keys.token if keys else None,
        region_name=site.region,
    )
    return PaymentClient(environment.parameter(API_ENDPOINT), session, endpoint_url=environment.account.endpoint_url)
