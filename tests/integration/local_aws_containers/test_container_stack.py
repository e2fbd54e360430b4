"""One Terraform configuration with everything around a service: applied, planned again empty, changed, destroyed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import Cloud
from tests.integration.local_aws_containers.sample import write_context
from tests.integration.local_aws_containers.stack import configured
from tests.integration.local_aws_containers.stack_network import DOMAIN
from tests.integration.local_aws_containers.stack_policies import NAME
from tests.integration.local_aws_containers.surroundings import HTTP, body, discovered, eventually

Deployed = tuple[Cloud, LocalAws, Path]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """First what the image is made with, then the image, then the service."""
    folder = tmp_path_factory.mktemp("container_stack")
    with LocalAws.started(folder / "aws") as aws:
        cloud, configuration = Cloud(aws.endpoint_url), folder / "configuration"
        terraform = configured(configuration, aws, with_service=False)
        write_context(configuration)
        terraform.init()
        terraform.apply()
        build = cloud.codebuild.start_build(projectName=NAME)["build"]["id"]
        assert eventually(lambda: cloud.codebuild.batch_get_builds(ids=[build])["builds"][0]["buildComplete"])
        configured(configuration, aws).apply()
        yield cloud, aws, configuration


def ask(aws: LocalAws, host: str) -> requests.Response:
    """A request to a host by the local AWS's one port."""
    return HTTP.get(f"{aws.endpoint_url}/payments", headers={"Host": host}, timeout=30)


def test_a_second_plan_is_empty(deployed: Deployed) -> None:
    _, aws, configuration = deployed
    plan = configured(configuration, aws).plan()
    assert plan.empty, plan.changes


def test_b_service_answers_by_the_names_of_its_load_balancer(deployed: Deployed) -> None:
    cloud, aws, _ = deployed
    own = cloud.elbv2.describe_load_balancers()["LoadBalancers"][0]["DNSName"]
    for host in (own, DOMAIN):
        said = body(ask(aws, host))
        assert (said["version"], said["environment"]["SETTING"], said["headers"]["host"]) == ("1", "first", host)


def test_b_tasks_are_found_by_name(deployed: Deployed) -> None:
    cloud, aws, _ = deployed
    group = cloud.elbv2.describe_target_groups(Names=[f"{NAME}-blue"])["TargetGroups"][0]["TargetGroupArn"]
    targets = cloud.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    expected = {one["Target"]["Id"]: "HEALTHY" for one in targets}
    assert discovered(aws, f"{NAME}.internal", "payment") == expected


def test_b_tasks_run_on_both_capacity_providers(deployed: Deployed) -> None:
    cloud, _, _ = deployed
    arns = cloud.ecs.list_tasks(cluster=NAME, serviceName=NAME)["taskArns"]
    tasks = cloud.ecs.describe_tasks(cluster=NAME, tasks=arns, include=["TAGS"])["tasks"]
    assert sorted(task["capacityProviderName"] for task in tasks) == ["FARGATE", "FARGATE_SPOT"]
    assert {"key": "Project", "value": "payment"} in tasks[0]["tags"]
    counts = cloud.ecs.describe_clusters(clusters=[NAME])["clusters"][0]
    assert (counts["runningTasksCount"], counts["activeServicesCount"]) == (2, 1)


def test_c_changes_are_made_in_place(deployed: Deployed) -> None:
    cloud, aws, configuration = deployed
    terraform = configured(configuration, aws, changed=True)
    assert terraform.apply().change > 8
    plan = terraform.plan()
    assert plan.empty, plan.changes
    assert body(ask(aws, DOMAIN))["environment"]["SETTING"] == "changed"
    service = cloud.ecs.describe_services(cluster=NAME, services=[NAME])["services"][0]
    assert [one["rolloutState"] for one in service["deployments"]] == ["COMPLETED"]


def test_d_nothing_is_left(deployed: Deployed) -> None:
    _, aws, configuration = deployed
    configured(configuration, aws, changed=True).destroy()
    assert aws.leftovers() == {}
