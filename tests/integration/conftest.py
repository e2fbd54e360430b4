"""One deployment for all tests that use it: on the local AWS, or the one in an account that DEPLOYMENT_OUTPUTS names.

`terraform output -json > outputs.json`, then `DEPLOYMENT_OUTPUTS=outputs.json pytest tests/integration/deployment`
with credentials in the environment: the tests that plan, deploy or destroy are then left out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from boto3 import Session

from local_aws.server import LocalAws
from tap.deployment import Deployment
from tap.payment_client import PaymentClient
from tests.integration.deployed import Deployed, LocalDeployment

OUTPUTS = os.environ.get("DEPLOYMENT_OUTPUTS")
APPROVAL_THRESHOLD = "10000"
# It destroys the deployment that the others use.
LAST = "test_c_life_cycle.py"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that destroy the shared deployment last.

    Workers take whole modules, in this order (`-n 2 --dist loadfile --no-loadscope-reorder`), so that the servers of a
    module start once; each worker that needs the deployment has one of its own.
    """
    items.sort(key=lambda item: item.path.name == LAST)


@pytest.fixture(scope="session")
def local_deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDeployment]:
    """Deploy TapStack, with approvals, onto a local AWS of its own; both are gone afterwards, whatever happened."""
    if OUTPUTS:
        pytest.skip("DEPLOYMENT_OUTPUTS names a deployment in an account, which these tests must not change")
    directory = tmp_path_factory.mktemp("deployment")
    with LocalAws.started(directory / "local_aws") as aws:
        inputs = {"ENVIRONMENT_SUFFIX": "it-1", "AWS_REGION": "eu-west-1", "APPROVAL_THRESHOLD": APPROVAL_THRESHOLD}
        deployment = Deployment(directory, {**aws.environment(), **inputs})
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
