"""The process that all endpoints lead through, seen from the local AWS."""

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

from local_aws.databases.errors import DatabaseError
from local_aws.databases.server_process import ServerProcess
from local_aws.databases.splice import Target

ANSWER_SECONDS = 10
LOGIN_THREADS = 4

log = logging.getLogger(__name__)

Decide = Callable[[dict[str, str]], dict[str, str]]
"""Decides on a login at a proxy; see Logins.ask for what goes in and out."""


class Forwarder:
    """Started with the first endpoint; ends with `stop`, or with this process however it ends."""

    def __init__(self, log_file: Path, decide: Decide) -> None:
        self._log_file = log_file
        self._decide = decide
        self._process: ServerProcess | None = None
        self._turn = threading.Lock()
        self._numbers = count(1)
        self._waiting: dict[int, Future[None]] = {}
        self._deciding = ThreadPoolExecutor(LOGIN_THREADS, "login")

    def lead(self, address: str, port: int, targets: Sequence[Target], front: dict[str, str] | None = None) -> None:
        """Makes an endpoint lead to these targets, and cuts its connections to others.

        Without targets nothing listens there, unless it is the `front` of a proxy (see Front for the settings).
        Raises DatabaseError.
        """
        if self._process is None and not targets and front is None:
            return
        done: Future[None] = Future()
        with self._turn:
            number = next(self._numbers)
            self._waiting[number] = done
        self._say({"number": number, "address": address, "port": port, "targets": list(targets), "front": front})
        done.result(ANSWER_SECONDS)

    def stop(self) -> None:
        """Ends the process; the next endpoint starts another."""
        with self._turn:
            process, self._process = self._process, None
        if process:
            process.kill()

    def _say(self, message: dict[str, Any]) -> None:
        with self._turn:
            if self._process is None:
                self._process = self._started()
            try:
                self._process.input.write(json.dumps(message).encode() + b"\n")
                self._process.input.flush()
            except (OSError, ValueError) as error:
                raise DatabaseError(f"The forwarder has ended (log: {self._log_file})") from error

    def _started(self) -> ServerProcess:
        command = [sys.executable, "-m", "local_aws.databases.forwarder"]
        root = str(Path(__file__).resolve().parent.parent.parent)
        environment = {**os.environ, "PYTHONPATH": root}
        process = ServerProcess(command, self._log_file, environment=environment, piped=True)
        threading.Thread(target=self._listen, args=(process,), daemon=True, name="forwarder").start()
        return process

    def _listen(self, process: ServerProcess) -> None:
        for line in process.output:
            message = json.loads(line)
            if "login" in message:
                self._deciding.submit(self._answer, message)
                continue
            done = self._waiting.pop(message["done"])
            if message["error"]:
                done.set_exception(DatabaseError(f"An endpoint could not be served: {message['error']}"))
            else:
                done.set_result(None)
        for number in list(self._waiting):
            self._waiting.pop(number).set_exception(DatabaseError(f"The forwarder has ended (log: {self._log_file})"))

    def _answer(self, message: dict[str, Any]) -> None:
        try:
            answer = self._decide(message["question"])
        except Exception:
            log.exception("A login could not be decided")
            answer = {"refused": "The local AWS failed; its log has the details"}
        self._say({"login": message["login"], "answer": answer})
