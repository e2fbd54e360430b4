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
    """Spread the tests over workers (`-n 2 --dist loadgroup`).

    A module stays together, so that its servers start once, and what uses the shared deployment does too. Parts of a
    long test (`part`) are spread.
    """
    items.sort(key=lambda item: item.path.name == LAST)
    for item in items:
        shared = {"deployed", "local_deployment"} & set(getattr(item, "fixturenames", ()))
        part = getattr(item, "callspec", None) and item.callspec.params.get("part")  # type: ignore[attr-defined]
        own = f"{item.path} {part}" if part is not None else str(item.path)
        item.add_marker(pytest.mark.xdist_group("deployment" if shared else own))


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
