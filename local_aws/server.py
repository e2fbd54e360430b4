"""The local AWS as its users see it: started, asked, stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

START_SECONDS = 60
STOP_SECONDS = 10

_opener = build_opener(ProxyHandler({}))


class LocalAwsError(Exception):
    """The local AWS could not be started or reached."""


@dataclass(frozen=True)
class LocalAws:
    """A running local AWS. `directory` holds its `server.json` and its log, `server.log`."""

    directory: Path
    port: int
    pid: int

    @classmethod
    @contextmanager
    def started(cls, directory: Path) -> Iterator["LocalAws"]:
        """A local AWS that ends with this block, and with this process however it ends."""
        process = _start(directory, with_parent=True)
        try:
            yield cls._when_ready(directory, process)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()

    @classmethod
    def start(cls, directory: Path) -> "LocalAws":
        """A local AWS that goes on running when this process ends. Returns the running one if there is one."""
        running = cls.running(directory)
        return running or cls._when_ready(directory, _start(directory, with_parent=False))

    @classmethod
    def running(cls, directory: Path) -> "LocalAws | None":
        """The local AWS that `start` left running for this directory, if it still answers."""
        with suppress(OSError, ValueError, KeyError):
            address = json.loads((directory / "server.json").read_text())
            found = cls(directory, address["port"], address["pid"])
            if found._ask("GET", "status")["pid"] == found.pid:
                return found
        return None

    @classmethod
    def _when_ready(cls, directory: Path, process: "subprocess.Popen[bytes]") -> "LocalAws":
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            running = cls.running(directory)
            if running and running.pid == process.pid:
                return running
            time.sleep(0.05)
        process.kill()
        process.wait()
        log = (directory / "server.log").read_text(errors="replace")[-2000:]
        raise LocalAwsError(f"The local AWS did not start (log: {directory / 'server.log'}):\n{log}")

    @property
    def endpoint_url(self) -> str:
        """The address of every AWS service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_ca_file(self) -> Path:
        """The authority that database clients must trust (PEM)."""
        return self.directory / "databases/ca.pem"

    def environment(self) -> dict[str, str]:
        """Environment variables that point an AWS client, or Terraform, here and nowhere else."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AWS_EC2_METADATA_DISABLED": "true",
            "CHECKPOINT_DISABLE": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def leftovers(self) -> dict[str, list[str]]:
        """Ids of everything that was made and still exists, by `<region>/<service>/<collection>`."""
        return cast(dict[str, list[str]], self._ask("GET", "leftovers"))

    def reset(self) -> None:
        """Empties it."""
        self._ask("POST", "reset")

    def take_databases_away(self, cluster_arn: str) -> None:
        """Kills an Aurora cluster's databases, which stay down until they are brought back; their data stay.

        The API goes on showing the cluster as available.
        """
        self._ask("POST", f"databases/take-away?{urlencode({'cluster': cluster_arn})}")

    def bring_databases_back(self, cluster_arn: str) -> None:
        """Starts databases that were taken away, in the role that their cluster has by now."""
        self._ask("POST", f"databases/bring-back?{urlencode({'cluster': cluster_arn})}")

    def lose_instance(self, instance_arn: str) -> None:
        """Kills the database of one instance of an Aurora cluster, which stays down until it is brought back.

        If it was the writer, a reader takes its place after a few seconds.
        """
        self._ask("POST", f"databases/lose-instance?{urlencode({'instance': instance_arn})}")

    def bring_instance_back(self, instance_arn: str) -> None:
        """Starts the database of an instance that was lost, in the role that it has by now."""
        self._ask("POST", f"databases/bring-instance-back?{urlencode({'instance': instance_arn})}")

    def stop(self) -> None:
        """Ends it, and waits until it has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self._runs():
            if time.monotonic() > deadline:
                with suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.05)
        (self.directory / "server.json").unlink(missing_ok=True)

    def _runs(self) -> bool:
        """Whether its process exists. One that this process started is a zombie until somebody asks how it ended."""
        with suppress(ChildProcessError):
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        request = Request(f"{self.endpoint_url}/local-aws/{path}", method=method)
        try:
            with _opener.open(request, timeout=30) as response:
                return cast(dict[str, Any], json.load(response))
        except HTTPError as error:
            raise LocalAwsError(f"{method} {path}: {error.read().decode(errors='replace')}") from error
        except (URLError, OSError) as error:
            raise LocalAwsError(f"The local AWS at {self.endpoint_url} does not answer: {error}") from error


def _start(directory: Path, *, with_parent: bool) -> "subprocess.Popen[bytes]":
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "server.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "local_aws", "serve", "--directory", str(directory)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    root = str(Path(__file__).resolve().parent.parent)
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    with (directory / "server.log").open("wb") as log:
        return subprocess.Popen(
            command + (["--with-parent"] if with_parent else []),
            env=kept,
            stdin=subprocess.PIPE if with_parent else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
