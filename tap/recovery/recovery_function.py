"""The recovery function of an environment, as an operator asks it: it is in the VPC, where the ledger answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from botocore.config import Config
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from tap.account import Account
from tap.environment import Environment, EnvironmentNotFoundError
from tap.recovery.errors import RecoveryFailedError

BASE = "recovery"
# A check of the whole ledger may take as long as Lambda lets it.
ANSWER_SECONDS = 900
STARTING_SECONDS = 60.0
"""A database that was just moved, renamed or promoted may refuse connections for a moment."""


class TaskFailedError(RecoveryFailedError):
    """A task of the recovery function failed; `kind` is the name of its error."""

    def __init__(self, task: str, kind: str, message: str) -> None:
        super().__init__(f"{task}: {kind}: {message}")
        self.kind = kind


class RecoveryFunction:
    """Calls the function's tasks. Methods raise `TaskFailedError`, and botocore's errors."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.name = environment.name(BASE)
        self._client = _client(environment.account)
        self._described: dict[str, Any] | None = None

    def ask(self, task: str, **parameters: object) -> dict[str, Any]:
        """The answer to a task."""
        event = {"task": task, **{name: value for name, value in parameters.items() if value is not None}}
        try:
            answer = self._client.invoke(FunctionName=self.name, Payload=json.dumps(event).encode())
        except self._client.exceptions.ResourceNotFoundException:
            raise self._absent() from None
        body = json.loads(answer["Payload"].read() or b"{}")
        if answer.get("FunctionError"):
            raise TaskFailedError(task, body.get("errorType", "Error"), body.get("errorMessage", "no message"))
        return dict(body)

    def ask_until(self, task: str, *, seconds: float | None = None, **parameters: object) -> dict[str, Any]:
        """The answer to a task that may fail at first; its last error once the time is up."""
        tries = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, TaskFailedError)),
            wait=wait_fixed(1.0),
            stop=stop_after_delay(STARTING_SECONDS if seconds is None else seconds),
            reraise=True,
        )
        return tries(self.ask, task, **parameters)

    def pages(self, task: str, items: str, **parameters: object) -> Iterator[list[dict[str, Any]]]:
        """The pages of a task that gives many."""
        after = None
        while True:
            answer = self.ask(task, after=after, **parameters)
            yield answer[items]
            after = answer.get("next")
            if not after:
                return

    def variable(self, name: str) -> str | None:
        """What the function is told by its environment, such as `CLUSTER_ID`; None where it is told nothing."""
        found = self._configuration()["Configuration"].get("Environment", {}).get("Variables", {}).get(name)
        return str(found) if found else None

    @property
    def tags(self) -> dict[str, str]:
        """The environment's tags, as the function carries them."""
        return dict(self._configuration().get("Tags", {}))

    def _configuration(self) -> dict[str, Any]:
        if self._described is None:
            try:
                self._described = dict(self._client.get_function(FunctionName=self.name))
            except self._client.exceptions.ResourceNotFoundException:
                raise self._absent() from None
        return self._described

    def _absent(self) -> EnvironmentNotFoundError:
        return EnvironmentNotFoundError(
            f"environment {self._environment.suffix!r} in {self._environment.account.place} has no recovery function "
            f"{self.name}: deploy it anew with `tap env deploy`, which adds it"
        )


def _client(account: Account) -> Any:
    client: Any = account.session.client(
        "lambda",
        region_name=account.region,
        endpoint_url=account.endpoint_url,
        config=Config(connect_timeout=4, read_timeout=ANSWER_SECONDS, retries={"total_max_attempts": 1}),
    )
    return client
