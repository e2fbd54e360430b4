"""The Dockerfile's steps without a container engine: packages by hash into an empty place, the service from there."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib.compute.image_source import build_image_source
from tests.integration.container.service_processes import free_port
from tests.unit.container.image_instructions import instructions

STEP_SECONDS = 300
START_SECONDS = 40
BASE_PYTHON = str(Path(sys.base_prefix) / "bin" / "python3")
"""A Python without this project's packages, as in the base image."""
VARIABLES = {
    "REGION": "eu-west-1",
    "ENVIRONMENT_SUFFIX": "image",
    "DB_ENGINE": "aurora-postgresql",
    "DB_ENDPOINT": "127.0.0.1",
    "DB_PORT": "1",
    "DB_NAME": "payments",
    "DB_USER": "payment_user",
    "DB_AUTHENTICATION": "iam",
    "DYNAMODB_TABLE": "payment-sessions-image",
    "EVENT_BUS_NAME": "payment-events-image",
    "CONFIGURATION_PATH": "/payment/image",
    "API_KEY_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key",
    "SERVICE_HOST": "127.0.0.1",
    "SERVICE_DRAIN_SECONDS": "0",
}


@dataclass(frozen=True)
class Image:
    """A folder that stands for the image's root."""

    root: Path

    def inside(self, text: str) -> str:
        """What the text says, with this folder in front of the image's own ones."""
        for folder in ("/packages", "/service", "/build"):
            text = text.replace(folder, f"{self.root}{folder}")
        return text

    def perform(self, command: list[str]) -> None:
        arguments = [self.inside(argument) for argument in command]
        if "pip" in command:
            arguments[0] = sys.executable
        elif command[0] == "python":
            arguments[0] = BASE_PYTHON
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=STEP_SECONDS, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def environment(self, **variables: str) -> dict[str, str]:
        (given,) = (one.text for one in instructions() if one.name == "ENV")
        declared = dict(pair.split("=", 1) for pair in self.inside(given).split())
        return {"PATH": os.environ["PATH"], **declared, **VARIABLES, **variables}

    @contextmanager
    def running(self, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
        (entry,) = (one.command for one in instructions() if one.name == "ENTRYPOINT")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [BASE_PYTHON, "-S", *entry[1:]],
                env=environment,
                cwd=self.root / "service",
                stdout=output,
                stderr=output,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def files(self) -> set[tuple[str, int]]:
        return {(str(path), path.stat().st_mtime_ns) for path in self.root.rglob("*")}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Made by the steps of the first stage, in their order."""
    folder = tmp_path_factory.mktemp("image")
    image = Image(folder / "root")
    with zipfile.ZipFile(build_image_source(cache=folder / "cache").path) as zipped:
        zipped.extractall(folder / "context")
    for one in instructions():
        if one.stage == 0 and one.name == "COPY":
            source, target = one.text.split()
            destination = Path(image.inside(target))
            destination.parent.mkdir(parents=True, exist_ok=True)
            (folder / "context" / source).rename(destination)
        elif one.stage == 0 and one.name == "RUN":
            image.perform(one.command)
    return image


def test_image_holds_the_locked_packages_alone_and_is_small(image: Image) -> None:
    lock = json.loads((Path(__file__).resolve().parents[3] / "Pipfile.lock").read_text())["container"]
    installed = {path.name.partition("-")[0].lower() for path in (image.root / "packages").glob("*.dist-info")}
    assert installed == {name.replace("-", "_") for name in lock}
    services = {path.name for path in (image.root / "packages/botocore/data").iterdir() if path.is_dir()}
    assert services == {"dynamodb", "events", "secretsmanager", "sqs", "ssm", "stepfunctions", "xray"}
    assert sum(path.stat().st_size for path in image.root.rglob("*") if path.is_file()) < 80_000_000


def test_service_starts_from_the_image_is_well_ends_and_writes_nothing_into_it(image: Image, tmp_path: Path) -> None:
    before, port, log = image.files(), free_port(), tmp_path / "log"
    (check,) = (one.command for one in instructions() if one.name == "HEALTHCHECK")
    environment = image.environment(SERVICE_PORT=str(port))
    probe = [BASE_PYTHON, "-S", *check[1:]]
    assert subprocess.run(probe, env=environment, cwd=image.root / "service", check=False).returncode == 1
    with image.running(environment, log) as process:
        status = _status_of_health(port, process)
        assert status == 200, log.read_text(errors="replace")
        assert subprocess.run(probe, env=environment, cwd=image.root / "service", check=False).returncode == 0
        process.terminate()
        process.wait(30)
    assert image.files() == before
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["all_done"] for line in lines if "all_done" in line] == [True]


def _status_of_health(port: int, process: subprocess.Popen[bytes]) -> int | None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with suppress(OSError):
            connection.request("GET", "/health")
            return connection.getresponse().status
        time.sleep(0.05)
    return None
