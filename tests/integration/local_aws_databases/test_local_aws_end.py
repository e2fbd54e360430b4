"""Databases end with the local AWS, however that ends."""

import os
import signal
import time
from pathlib import Path

import pymysql
import pytest

from local_aws.server import LocalAws
from tests.integration.local_aws_databases.conftest import Aws, Cluster, MakeCluster, data_of


@pytest.fixture
def started(tmp_path: Path, make_cluster: MakeCluster) -> Cluster:
    """A cluster on a local AWS of its own."""
    aws = Aws(LocalAws.start(tmp_path))
    return make_cluster(aws=aws)


def refuses(endpoint: str) -> bool:
    """Whether nothing listens there any more."""
    with pytest.raises(pymysql.OperationalError) as caught:
        pymysql.connect(host=endpoint, port=3306, user="nobody", password="none")
    return "refused" in str(caught.value)


@pytest.mark.parametrize("end", ["stop", "kill", "reset"])
def test_nothing_goes_on_running(started: Cluster, end: str) -> None:
    endpoint, server = started.endpoint, started.aws.server
    instance = started.instance(started.writer)["Endpoint"]["Address"]
    if end == "reset":
        server.reset()
    elif end == "stop":
        server.stop()
    else:
        os.kill(server.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while not (refuses(endpoint) and refuses(instance)) or (end != "kill" and data_of(started.aws)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    if end == "reset":
        server.stop()


def test_the_authority_is_there_as_soon_as_the_server(tmp_path: Path) -> None:
    with LocalAws.started(tmp_path) as server:
        assert server.database_ca_file.read_text().startswith("-----BEGIN CERTIFICATE-----")
