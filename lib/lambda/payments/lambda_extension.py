"""Keeps the Lambda environment awake until the work after an answer is done.

Lambda freezes an environment when the function and every extension have asked for the next event. An internal
extension, which is a thread of the function's own process, asks later than the function:
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

import json
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection

from payments.observability import logger

NAME = "work-after-answer"
# What is left of the invocation's time when waiting is given up.
MARGIN_SECONDS = 0.5


class ExtensionError(Exception):
    """Lambda did not take the extension, or gave it no event."""


class LambdaExtension:
    """Asks Lambda for the next event only when the invocation has ended and `wait`, given seconds, has returned."""

    def __init__(self, runtime_api: str, wait: Callable[[float], bool]) -> None:
        self._runtime_api = runtime_api
        self._wait = wait
        self._ended = threading.Condition()
        self._last_ended = ""
        self._identifier = ""

    def start(self) -> None:
        """Registers, which is possible only while the function initializes. Raises `ExtensionError`, or `OSError`."""
        self._identifier = self._ask(
            "POST", "register", {"Lambda-Extension-Name": NAME}, json.dumps({"events": ["INVOKE"]})
        )[0]
        threading.Thread(target=self._run, name="lambda-extension", daemon=True).start()

    def ended(self, request_id: str) -> None:
        """The function has its answer to this invocation."""
        with self._ended:
            self._last_ended = request_id
            self._ended.notify_all()

    def _run(self) -> None:
        try:
            while True:
                _, event = self._ask("GET", "event/next", {"Lambda-Extension-Identifier": self._identifier})
                deadline = event["deadlineMs"] / 1000 - MARGIN_SECONDS
                with self._ended:
                    self._ended.wait_for(
                        lambda: self._last_ended == event["requestId"],  # noqa: B023 - called within this turn
                        timeout=max(deadline - time.time(), 0),
                    )
                self._wait(deadline - time.time())
        except Exception as error:
            logger.warning("extension ended", error=type(error).__name__)

    def _ask(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> tuple[str, dict]:  # type: ignore[type-arg]
        connection = HTTPConnection(self._runtime_api)
        try:
            connection.request(method, f"/2020-01-01/extension/{path}", body, headers)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise ExtensionError(f"{method} {path} answered {response.status}")
        return response.getheader("Lambda-Extension-Identifier", ""), json.loads(text or b"{}")
