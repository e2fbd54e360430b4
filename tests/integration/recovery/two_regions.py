"""An environment in two Regions, as its clients and its operator see it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from local_aws.ledger_view import LedgerView
from local_aws.server import LocalAws
from tap.deployment import Deployment
from tap.payment_client import NO_ANSWER, Answer, PaymentClient
from tests.integration.recovery.operator import Operator
from tests.integration.recovery.payment_load import PaymentLoad

PRIMARY, SECONDARY = "eu-west-1", "eu-central-1"
ROLES = {PRIMARY: "primary", SECONDARY: "secondary"}


class FollowingClient(PaymentClient):
    """A client that asks the other Region when one takes no payments, as DNS leads it after a while."""

    def __init__(self, regions: list[PaymentClient]) -> None:
        self._regions = regions
        self._turn = threading.local()

    def send(self, method: str, path: str, body: object = None, *, signed: bool = True) -> Answer:
        at = getattr(self._turn, "at", 0)
        try:
            answer = self._regions[at].send(method, path, body, signed=signed)
        except NO_ANSWER:
            self._turn.at = 1 - at
            raise
        if answer.status >= 500:
            self._turn.at = 1 - at
        return answer


class TwoRegions:
    """The deployed environment; `outputs` are by Region, without the roles that Terraform's have before their names."""

    def __init__(self, deployment: Deployment, aws: LocalAws, variables: dict[str, str], directory: Path) -> None:
        self.deployment = deployment
        self.operator = Operator(variables, directory / "recoveries")
        self._aws = aws
        everything = deployment.terraform.output()
        self.outputs = {
            region: {
                name.removeprefix(f"{role}_"): value
                for name, value in everything.items()
                if name.startswith(f"{role}_") or not name.startswith(("primary_", "secondary_"))
            }
            for region, role in ROLES.items()
        }

    def client(self, region: str, service: str) -> Any:
        session: Any = self.deployment.session(region)
        return session.client(service, endpoint_url=self._aws.endpoint_url)

    def load(self, name: str) -> PaymentLoad:
        return PaymentLoad(lambda: FollowingClient([self._api(region) for region in ROLES]), name)

    def payments(self, region: str) -> set[str]:
        """Those that the ledger has, read where it is written; each is booked once, and all is in balance."""
        view = LedgerView(self._aws, self.client(region, "secretsmanager"), self.outputs[region])
        assert view.query("SELECT payment_id FROM ledger_entries GROUP BY payment_id HAVING COUNT(*) <> 2") == []
        assert all(balance.debits == balance.credits for balance in view.balances())
        return {row[0] for row in view.query("SELECT payment_id FROM payments")}

    def roles(self) -> tuple[str, str]:
        """What each Region is now."""
        name = f"{self.outputs[PRIMARY]['configuration_path']}/region/role"
        first, second = (self.client(region, "ssm").get_parameter(Name=name)["Parameter"]["Value"] for region in ROLES)
        return first, second

    def _api(self, region: str) -> PaymentClient:
        url = self.outputs[region]["api_endpoint"]
        return PaymentClient(url, self.deployment.session(region), endpoint_url=self._aws.endpoint_url)
