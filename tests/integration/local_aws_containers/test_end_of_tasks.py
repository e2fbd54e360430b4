"""Tasks, and what listens for load balancers, end with the local AWS; emptied, it has neither."""

import os
import signal
import socket
from pathlib import Path

import pytest

from local_aws.server import LocalAws
from tests.integration.local_aws_containers.surroundings import HTTP, Surroundings, address_of, eventually


def serving(aws: LocalAws) -> list[str]:
    """The addresses of a service's tasks, which run, and of its listener."""
    cloud = Surroundings(aws)
    cloud.create()
    assert cloud.build("first") == "SUCCEEDED"
    cloud.serve("ended", cloud.define("first"))
    assert cloud.steady("ended")
    listeners = HTTP.get(f"{aws.endpoint_url}/local-aws/load-balancers", timeout=30).json()
    places = [f"{address_of(task)}:8080" for task in cloud.tasks("ended")]
    return [*places, *listeners[cloud.balancer["DNSName"]].values()]


def listens(place: str) -> bool:
    """Whether something listens there."""
    address, _, port = place.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((address, int(port))) == 0


def test_everything_ends_when_the_local_aws_is_emptied(tmp_path: Path) -> None:
    with LocalAws.started(tmp_path) as aws:
        places = serving(aws)
        assert all(map(listens, places))
        left = aws.leftovers()
        assert left["us-east-1/ecs/services"] == ["payment:ended"]
        assert len(left["us-east-1/ecs/running_tasks"]) == 2
        aws.reset()
        assert not any(map(listens, places))
        assert aws.leftovers() == {}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_everything_ends_with_the_local_aws(tmp_path: Path, how: signal.Signals) -> None:
    with LocalAws.started(tmp_path) as aws:
        places = serving(aws)
        os.kill(aws.pid, how)
        assert eventually(lambda: not any(map(listens, places)))
