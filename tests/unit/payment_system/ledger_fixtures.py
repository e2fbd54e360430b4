"""The fixtures of the ledger in a real database. A conftest that imports them gives them to its folder's tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from local_aws.databases.certificates import CertificateAuthority
from payments.engines import AURORA_MYSQL
from tests.unit.payment_system.ledger_server import LedgerServer

__all__ = ["engine", "ledger_rows", "ledger_server", "started_server"]

StartedServer = Callable[[str], LedgerServer]


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The ledger's; tests that are parametrized with it run for each."""
    return str(getattr(request, "param", AURORA_MYSQL))


@pytest.fixture(scope="session")
def started_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    """Gives the one server of an engine in this process, which is started when it is first asked for."""
    authority = CertificateAuthority(tmp_path_factory.mktemp("authority"))
    with ExitStack() as servers:

        @cache
        def started(engine: str) -> LedgerServer:
            return servers.enter_context(LedgerServer.started(tmp_path_factory.mktemp("ledger"), engine, authority))

        yield started


@pytest.fixture
def ledger_server(started_server: StartedServer, engine: str) -> LedgerServer:
    """Tests take `ledger_rows`, which starts empty."""
    return started_server(engine)


@pytest.fixture
def ledger_rows(ledger_server: LedgerServer) -> LedgerServer:
    """What is in the ledger; nothing, at first."""
    ledger_server.empty()
    return ledger_server
