"""The parts of the container architecture are found, and removed without a state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.provider_options import state_key
from tests.integration.environments.container_parts import container_parts
from tests.integration.environments.ground import BUCKET, Ground

SUFFIX = "pr-1"
FOUND = {
    "application-autoscaling:scalable-target": 1,
    "codebuild:project": 1,
    "codedeploy:application": 1,
    "codedeploy:deploymentgroup": 1,
    "ecr:repository": 1,
    "ecs:cluster": 1,
    "ecs:service": 1,
    "ecs:task-definition": 1,
    "elasticloadbalancing:listener": 1,
    "elasticloadbalancing:loadbalancer": 1,
    "elasticloadbalancing:targetgroup": 2,
    "logs:resource-policy": 1,
    "servicediscovery:namespace": 1,
    "servicediscovery:service": 1,
    "wafv2:webacl": 1,
}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with Ground.started(tmp_path_factory.mktemp("containers")) as started:
        yield started


def test_the_life_of_containers(ground: Ground) -> None:
    """Verified and extended with its state; then the state is lost, and all that is left is swept."""
    ground.deploy(SUFFIX, resources=container_parts(SUFFIX)).apply_refresh()
    verified = ground.tap("env", "verify", SUFFIX, "--json")
    assert (verified.code, verified.result["clean"]) == (0, True), verified.result
    extended = ground.tap("env", "extend", SUFFIX, "4h", "--set", "--json")
    assert (extended.code, extended.result["state_updated"]) == (0, True), extended.err
    shown = ground.tap("env", "show", SUFFIX, "--no-drift", "--json").result
    types = [one["type"] for resources in shown["concerns"].values() for one in resources]
    assert {type_: types.count(type_) for type_ in FOUND} == FOUND

    ground.account.client("s3").delete_object(Bucket=BUCKET, Key=state_key("single-region", SUFFIX))
    ended = ground.tap("env", "destroy", SUFFIX, "--yes", "--json")
    assert (ended.code, ended.result["left"]) == (0, 0), ended.err
    assert ground.left() == {}
