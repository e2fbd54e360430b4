"""One deployment for all tests here: on the local AWS, or in an account when DEPLOYMENT_OUTPUTS names its outputs.

`terraform output -json > outputs.json`, then `DEPLOYMENT_OUTPUTS=outputs.json pytest tests/integration/deployment`
with credentials in the environment: the tests that plan, deploy or destroy are then left out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from boto3 import Session

from local_aws.server import LocalAws
from tap.deployment import Deployment
from tap.payment_client import PaymentClient

OUTPUTS = os.environ.get("DEPLOYMENT_OUTPUTS")


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


@pytest.fixture(scope="session")
def local_deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDeployment]:
    """Deploy TapStack onto a local AWS of its own; both are gone afterwards, whatever happened."""
    if OUTPUTS:
        pytest.skip("DEPLOYMENT_OUTPUTS names a deployment in an account, which these tests must not change")
    directory = tmp_path_factory.mktemp("deployment")
    with LocalAws.started(directory / "local_aws") as aws:
        deployment = Deployment(
            directory, {**aws.environment(), "ENVIRONMENT_SUFFIX": "it-1", "AWS_REGION": "eu-west-1"}
        )
        deployment.synthesize()
        deployment.terraform.init()
        deployment.terraform.apply(deployment.terraform.plan())
        yield LocalDeployment(deployment, aws, directory)


@pytest.fixture(scope="session")
def deployed(request: pytest.FixtureRequest) -> Deployed:
    """The environment under test."""
    if OUTPUTS:
        outputs = {name: output["value"] for name, output in json.loads(Path(OUTPUTS).read_text()).items()}
        session = Session(region_name=outputs["aws_region"])
        return Deployed(outputs, session, None, PaymentClient(outputs["api_url"], session))
    local: LocalDeployment = request.getfixturevalue("local_deployment")
    outputs = local.deployment.terraform.output()
    return Deployed(
        outputs,
        local.deployment.session(),
        local.aws.endpoint_url,
        local.deployment.payment_client(outputs),
    )
