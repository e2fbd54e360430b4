"""A file server on loopback, small Terraform configurations and a local AWS."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest

from local_aws.server import LocalAws

REGION = "us-east-1"


@dataclass
class FileServer:
    """Serves `files` by path; a file in `cut_short` is announced whole and sent by half."""

    port: int
    files: dict[str, bytes] = field(default_factory=dict)
    cut_short: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def file_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A file server that lives for one test."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if self.path in files.cut_short else content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        files = FileServer(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield files
        server.shutdown()
        thread.join()


@pytest.fixture
def configuration(tmp_path: Path) -> Callable[..., Path]:
    """Writes a Terraform configuration in JSON and returns its folder."""

    def write(content: dict[str, Any], folder: str = "stack") -> Path:
        directory = tmp_path / folder
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "main.tf.json").write_text(json.dumps(content))
        return directory

    return write


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS for all tests of the tools."""
    with LocalAws.started(tmp_path_factory.mktemp("local_aws")) as aws:
        yield aws


@pytest.fixture
def aws_environment(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What a client of the local AWS needs; nothing of the caller's own AWS set-up gets through."""
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    environment = local_aws.environment() | {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


@pytest.fixture
def s3(aws_environment: dict[str, str]) -> Any:
    """An S3 client of the local AWS."""
    return boto3.client("s3", endpoint_url=aws_environment["AWS_ENDPOINT_URL"], region_name=REGION)
