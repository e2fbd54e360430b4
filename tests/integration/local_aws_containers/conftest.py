"""A running local AWS with a service's surroundings, for each module: image, cluster, load balancer, roles."""

from collections.abc import Iterator

import pytest

from local_aws.server import LocalAws
from tests.integration.local_aws_containers.surroundings import Surroundings


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.started(tmp_path_factory.mktemp("local_aws")) as running:
        yield running


@pytest.fixture(scope="module")
def cloud(aws: LocalAws) -> Surroundings:
    """Everything that a service needs, with the image `first`."""
    made = Surroundings(aws)
    made.create()
    assert made.build("first") == "SUCCEEDED"
    return made
