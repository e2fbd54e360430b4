"""One deployment for all tests that use it: on the local AWS, or the one in an account that DEPLOYMENT_OUTPUTS names.

`terraform output -json > outputs.json`, then `DEPLOYMENT_OUTPUTS=outputs.json pytest tests/integration/deployment`
with credentials in the environment: the tests that plan, deploy or destroy are then left out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boto3 import Session
from xdist.scheduler import LoadScopeScheduling

from local_aws.server import LocalAws
from tap.deployment import Deployment
from tap.payment_client import PaymentClient
from tests.integration.deployed import Deployed, LocalDeployment

OUTPUTS = os.environ.get("DEPLOYMENT_OUTPUTS")
APPROVAL_THRESHOLD = "10000"
# It destroys the deployment that the others use.
LAST = "test_c_life_cycle.py"
SHARE_ONE_DEPLOYMENT = frozenset(
    {
        "deployment/test_a_infrastructure.py",
        "deployment/test_b_ledger.py",
        "deployment/test_b_payments.py",
        f"deployment/{LAST}",
        "gameday/test_game_day.py",
        "openapi/test_openapi_conformance.py",
        "tap_commands/test_tap_on_a_deployment.py",
    }
)
# What takes longest begins first, so that no worker is alone with it at the end: in turn what mostly computes, and what
# mostly waits for the AWS provider.
LONGEST = (
    "containers/test_standby_region.py",
    "environments/test_deploy_taken_over.py",
    "containers/test_one_region.py",
    "environments/test_two_regions.py",
    "two_regions/test_two_regions.py",
    "deployment/test_a_infrastructure.py",
    "environments/test_deploy_killed.py",
    "container_service/test_container_service.py",
    "local_aws_databases/test_global_terraform.py",
    "recovery/test_one_region_recoveries.py",
    "environments/test_destroy.py",
    "recovery/test_two_region_recoveries.py",
    "environments/test_env_commands.py",
    "payment_faults/test_payment_faults.py",
    "local_aws_containers/test_balanced_stack.py",
    "deployment/test_options.py",
    "environments/test_near_identical_suffixes.py",
    "account/test_account_stack.py",
    "local_aws_databases/test_postgresql_terraform.py",
    "payment_faults/test_two_region_faults.py",
    "environments/test_containers_environment.py",
    "local_aws_containers/test_data_parts.py",
    "environments/test_destroy_interrupted.py",
    "local_aws/test_two_regions.py",
    "environments/test_doctor.py",
    "deployment/test_demo.py",
    "local_aws_monitoring/test_canary_stack.py",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first, and the tests that destroy the shared deployment last."""

    def place(item: pytest.Item) -> tuple[bool, int]:
        module = f"{item.path.parent.name}/{item.path.name}"
        return item.path.name == LAST, LONGEST.index(module) if module in LONGEST else len(LONGEST)

    items.sort(key=place)


class ByModule(LoadScopeScheduling):  # type: ignore[misc]
    """Workers take whole modules, so that the servers of one start once, and all that share a deployment together."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return "one deployment" if "/".join(Path(module).parts[-2:]) in SHARE_ONE_DEPLOYMENT else module


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    """For `-n 4 --dist loadscope --no-loadscope-reorder`."""
    return ByModule(config, log)


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
