"""Two servers side by side: ours, and moto as it is. What ours mends must be seen to be broken in the other."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from local_aws.server import LocalAws

REGION = "us-east-1"
OTHER_REGION = "us-west-2"
ACCOUNT = "123456789012"
START_SECONDS = 30

open_directly = build_opener(ProxyHandler({})).open


@dataclass
class Cloud:
    """Clients of one server, in one Region of it."""

    endpoint_url: str
    region: str = REGION
    clients: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def other(self) -> "Cloud":
        """The same server in the other Region."""
        return Cloud(self.endpoint_url, OTHER_REGION)

    def __getattr__(self, service: str) -> Any:
        """The client of a service; `lambda_` for Lambda."""
        name = service.rstrip("_")
        create: Any = boto3.client
        if name not in self.clients:
            self.clients[name] = create(
                name,
                region_name=self.region,
                endpoint_url=self.endpoint_url,
                aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
                aws_secret_access_key="secret",
                config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
            )
        return self.clients[name]


Scenario = Callable[[Cloud], object]


@dataclass(frozen=True)
class Clouds:
    """The two servers."""

    ours: Cloud
    plain: Cloud

    def mends(self, scenario: Scenario, wanted: object) -> None:
        """Asserts that ours gives what is wanted, and that plain moto still does not."""
        assert outcome(scenario, self.ours) == wanted
        assert outcome(scenario, self.plain) != wanted, "moto gets this right now: delete the addition to it"


def outcome(scenario: Scenario, cloud: Cloud) -> object:
    """What the scenario returns, or the code of the error that it ends with."""
    try:
        return scenario(cloud)
    except ClientError as error:
        return error.response["Error"]["Code"]
    except ResponseParserError:
        return "an answer that is not in the service's protocol"


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.started(tmp_path_factory.mktemp("local_aws")) as running:
        yield running


@pytest.fixture(scope="session")
def plain_moto() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"moto did not start within {START_SECONDS} s")


@pytest.fixture(scope="session")
def both(aws: LocalAws, plain_moto: str) -> Clouds:
    """Both servers, with clients that are made once: reading a service's model takes longer than most calls."""
    return Clouds(Cloud(aws.endpoint_url), Cloud(plain_moto))


@pytest.fixture
def clouds(both: Clouds, aws: LocalAws) -> Clouds:
    """Both servers, emptied."""
    aws.reset()
    with open_directly(Request(f"{both.plain.endpoint_url}/moto-api/reset", method="POST")):
        pass
    return both


@pytest.fixture
def ours(both: Clouds, aws: LocalAws) -> Cloud:
    """Our server, emptied."""
    aws.reset()
    return both.ours
