"""One ledger and one local AWS for the tests of a module."""

from collections.abc import Iterator

import pytest

from tests.integration.container.service_processes import Surroundings


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    with Surroundings.started(tmp_path_factory.mktemp("surroundings")) as surroundings:
        yield surroundings
