"""The container constructs on the local AWS by Terraform: made, changed to another version, held against a bad one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cdktf import App

from lib.compute.package import build_package
from lib.fast_synth import install
from lib.settings import load_settings
from local_aws.server import LocalAws
from tap.terraform import Terraform
from tap.terraform_errors import TerraformError
from tests.integration.local_aws.conftest import Cloud
from tests.integration.local_aws_containers.surroundings import HTTP, eventually

NAME = "payment-service-it"
CLUSTER = "payment-cluster-it"


@dataclass
class Deployed:
    """A deployment of the stack."""

    strategy: str
    aws: LocalAws
    folder: Path

    @property
    def cloud(self) -> Cloud:
        return Cloud(self.aws.endpoint_url)

    def synthesized(self, version: str, *, broken: bool = False) -> Terraform:
        """Terraform on the stack with a version of the service."""
        from tests.integration.container_service.service_stack import ServiceStack, sample_source

        settings = load_settings(
            _env_file=None,
            environment_suffix="it",
            architecture="containers",
            aws_endpoint_url=self.aws.endpoint_url,
            domain="acme.io",
            parent_zone_id="Z0000000000000",
            deployment_strategy=self.strategy,
        )
        app = App(outdir=str(self.folder / "cdktf.out"))
        source = sample_source(self.folder, version, broken=broken)
        ServiceStack(app, settings, source=source, package=build_package(postgresql=True))
        app.synth()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = {**kept, **self.aws.environment()}
        return Terraform(self.folder / "cdktf.out/stacks/service", environment, parallelism=30)

    def versions(self) -> set[str]:
        """What the load balancer's answers say of themselves, or the status of those that are none."""
        host: str = self.cloud.elbv2.describe_load_balancers()["LoadBalancers"][0]["DNSName"]
        answers = [HTTP.get(f"{self.aws.endpoint_url}/", headers={"Host": host}, timeout=30) for _ in range(8)]
        return {answer.json()["version"] if answer.ok else answer.reason for answer in answers}

    def serves(self, version: str) -> bool:
        """Waits until every answer is of this version: a busy computer may miss a health check or two."""
        return bool(eventually(lambda: self.versions() == {version}))

    def service(self) -> dict[str, Any]:
        found: dict[str, Any] = self.cloud.ecs.describe_services(cluster=CLUSTER, services=[NAME])["services"][0]
        return found

    def tasks(self) -> list[dict[str, Any]]:
        arns = self.cloud.ecs.list_tasks(cluster=CLUSTER, serviceName=NAME)["taskArns"]
        described: list[dict[str, Any]] = self.cloud.ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"]
        return described


@pytest.fixture(scope="module", params=["rolling", "blue-green"])
def deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    install()
    folder = tmp_path_factory.mktemp("container_service")
    with LocalAws.started(folder / "aws") as aws:
        made = Deployed(request.param, aws, folder)
        terraform = made.synthesized("first")
        terraform.init()
        terraform.apply()
        yield made


def test_a_service_answers(deployed: Deployed) -> None:
    assert deployed.serves("first")
    assert eventually(lambda: {task["healthStatus"] for task in deployed.tasks()} == {"HEALTHY"})
    assert sorted(task["capacityProviderName"] for task in deployed.tasks()) == ["FARGATE", "FARGATE_SPOT"]


def test_b_a_version_that_does_not_start_goes_back(deployed: Deployed) -> None:
    good = deployed.service()["taskDefinition"]
    with pytest.raises(TerraformError) as fault:
        deployed.synthesized("second", broken=True).apply()
    expected = {"rolling": "ECS rolled the deployment back", "blue-green": "was rolled back by deployment"}
    fault.match(expected[deployed.strategy])
    assert eventually(lambda: deployed.service()["taskDefinition"] == good)
    assert deployed.serves("first")


def test_c_the_next_good_version_is_deployed_and_a_plan_after_it_is_empty(deployed: Deployed) -> None:
    deployed.synthesized("third").apply()
    assert deployed.serves("third")
    plan = deployed.synthesized("third").plan()
    assert plan.empty, plan.changes


def test_d_nothing_is_left(deployed: Deployed) -> None:
    deployed.synthesized("third").destroy()
    assert deployed.aws.leftovers() == {}
