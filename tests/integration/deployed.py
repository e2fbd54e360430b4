"""The deployed environment as the tests see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boto3 import Session

from local_aws.server import LocalAws
from tap.deployment import Deployment
from tap.payment_client import PaymentClient


@dataclass(frozen=True)
class Deployed:
    """A deployed environment, as a test sees it: its outputs, and clients of AWS and of its API."""

    outputs: dict[str, Any]
    session: Session
    endpoint_url: str | None
    api: PaymentClient

    def client(self, service: str) -> Any:
        """Return a boto3 client of the environment's Region."""
        return self.session.client(service, endpoint_url=self.endpoint_url)  # type: ignore[call-overload]


@dataclass(frozen=True)
class LocalDeployment:
    """The deployment on the local AWS, for the tests of its life cycle."""

    deployment: Deployment
    aws: LocalAws
    directory: Path
