"""What every part of the demo works with: the deployment, the local AWS, and a console to tell about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from boto3 import Session
from rich.console import Console
from rich.table import Table

from local_aws.demo.payments import wait_until
from local_aws.ledger_view import LedgerView
from local_aws.server import LocalAws
from tap.deployment import Deployment
from tap.payment_client import PaymentClient

WAIT_SECONDS = 90


class DemoError(RuntimeError):
    """Something was not as the demo promises."""


@dataclass(frozen=True)
class Stage:
    """Where the demo takes place."""

    aws: LocalAws
    deployment: Deployment
    console: Console

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def show(self, title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        """Print a table."""
        table = Table(title=title, title_justify="left")
        for name in columns:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*row)
        self.console.print(table)

    def wait_for(self, what: str, condition: Callable[[], bool]) -> None:
        """Raises DemoError if it does not come true in time."""
        if not wait_until(condition, WAIT_SECONDS):
            raise DemoError(f"{WAIT_SECONDS} s passed before {what}")


@dataclass(frozen=True)
class Site:
    """The deployment as one Region has it: its outputs, without the role that two Regions put before their names."""

    stage: Stage
    outputs: Mapping[str, Any]

    @property
    def region(self) -> str:
        return str(self.outputs["aws_region"])

    @property
    def session(self) -> Session:
        return self.stage.deployment.session(self.region)

    def client(self, service: str) -> Any:
        """A boto3 client of the Region."""
        return self.session.client(service, endpoint_url=self.stage.aws.endpoint_url)  # type: ignore[call-overload]

    def api(self) -> PaymentClient:
        """A client of the API that this Region serves."""
        endpoint_url = self.stage.aws.endpoint_url
        secret = self.outputs.get("callers_secret_arn")
        if secret is None:
            return PaymentClient(self.outputs["api_endpoint"], self.session, endpoint_url=endpoint_url)
        key = self.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        return PaymentClient(self.outputs["api_url"], self.session, endpoint_url=endpoint_url, api_key=key)

    def ledger(self, endpoint: str = "database_endpoint") -> LedgerView:
        """The ledger at the endpoint that this output names."""
        outputs = {**self.outputs, "database_endpoint": self.outputs[endpoint]}
        return LedgerView(self.stage.aws, self.client("secretsmanager"), outputs)
