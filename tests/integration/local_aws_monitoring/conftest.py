"""A running local AWS in which a minute is a second, for each module."""

from collections.abc import Iterator

import pytest

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import Cloud


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCAL_AWS_SCHEDULE_SPEED", "60")
        with LocalAws.started(tmp_path_factory.mktemp("local_aws")) as running:
            yield running


@pytest.fixture(scope="module")
def cloud(aws: LocalAws) -> Cloud:
    return Cloud(aws.endpoint_url)
