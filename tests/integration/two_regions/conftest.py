"""One deployment of the architecture in two Regions, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local_aws.ledger_view import LedgerView
from local_aws.server import LocalAws
from tap.deployment import Deployment
from tap.payment_client import PaymentClient
from tests.integration.deployed import Deployed, LocalDeployment

SUFFIX = "dr-1"
REGIONS = {"primary": "eu-west-1", "secondary": "eu-central-1"}


@dataclass(frozen=True)
class TwoRegions:
    """The environment in each Region; its outputs are without the role that Terraform's have before their names."""

    primary: Deployed
    secondary: Deployed
    local: LocalDeployment

    @property
    def both(self) -> tuple[Deployed, Deployed]:
        return self.primary, self.secondary

    def ledger(self, site: Deployed, endpoint: str) -> LedgerView:
        """The ledger behind the endpoint that an output names."""
        outputs = {**site.outputs, "database_endpoint": site.outputs[endpoint]}
        return LedgerView(self.local.aws, site.client("secretsmanager"), outputs)


@pytest.fixture(scope="session")
def two_regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoRegions]:
    """Deploy DisasterRecoveryStack onto a local AWS of its own; both are gone afterwards, whatever happened."""
    directory = tmp_path_factory.mktemp("two_regions")
    with LocalAws.started(directory / "local_aws") as aws:
        inputs = {
            "ARCHITECTURE": "multi-region",
            "ENVIRONMENT_SUFFIX": SUFFIX,
            "AWS_REGION": REGIONS["primary"],
            "SECONDARY_REGION": REGIONS["secondary"],
        }
        deployment = Deployment(directory, {**aws.environment(), **inputs})
        deployment.synthesize()
        deployment.terraform.init()
        deployment.terraform.apply(deployment.terraform.plan())
        outputs = deployment.terraform.output()
        primary, secondary = (_site(deployment, aws, outputs, role) for role in REGIONS)
        yield TwoRegions(primary, secondary, LocalDeployment(deployment, aws, directory))


def _site(deployment: Deployment, aws: LocalAws, outputs: dict[str, Any], role: str) -> Deployed:
    own = {name.removeprefix(f"{role}_"): value for name, value in outputs.items() if name.startswith(f"{role}_")}
    shared = {name: value for name, value in outputs.items() if not name.startswith(("primary_", "secondary_"))}
    session = deployment.session(REGIONS[role])
    api = PaymentClient(own["api_endpoint"], session, endpoint_url=aws.endpoint_url)
    return Deployed({**shared, **own}, session, aws.endpoint_url, api)
