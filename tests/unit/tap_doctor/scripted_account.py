"""An account whose answers are written down: by `service.operation`, a page, a list of pages, or an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

NUMBER = "111122223333"


class NoSuchResourceError(Exception):
    """Service Quotas's NoSuchResourceException."""


def refused(operation: str, code: str = "AccessDenied", message: str = "no", **headers: str) -> ClientError:
    """An error that AWS answers `operation` with."""
    metadata = {"HTTPHeaders": headers}
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    return ClientError(response, operation)


class ScriptedClient:
    """Looks like a boto3 client of one service and Region; an operation without an answer fails the test."""

    class exceptions:  # noqa: N801  (boto3's name)
        NoSuchResourceException = NoSuchResourceError

    def __init__(self, service: str, region: str, answers: dict[str, Any], calls: list[tuple[str, str, Any]]) -> None:
        self._service, self._region, self._answers, self._calls = service, region, answers, calls

    def __getattr__(self, operation: str) -> Any:
        def call(**parameters: Any) -> Any:
            return next(self._pages(operation, parameters))

        return call

    def can_paginate(self, operation: str) -> bool:
        return isinstance(self._answers.get(f"{self._service}.{operation}"), list)

    def get_paginator(self, operation: str) -> Any:
        client = self

        class Paginator:
            def paginate(self, **parameters: Any) -> Iterator[Any]:
                yield from client._pages(operation, parameters)

        return Paginator()

    def _pages(self, operation: str, parameters: Any) -> Iterator[Any]:
        name = f"{self._service}.{operation}"
        self._calls.append((name, self._region, parameters))
        answer = self._answers[name]
        if callable(answer) and not isinstance(answer, type):
            answer = answer(**parameters)
        if isinstance(answer, Exception) or (isinstance(answer, type) and issubclass(answer, Exception)):
            raise answer
        yield from answer if isinstance(answer, list) else [answer]


class ScriptedAccount:
    """Stands in for `tap.account.Account`."""

    global_region = "us-east-1"

    def __init__(self, answers: dict[str, Any], *, region: str = "eu-west-1", **elsewhere: dict[str, Any]) -> None:
        """`elsewhere`: other answers in another Region, whose name is written with underscores."""
        self.region = region
        self.answers = answers
        self.elsewhere = elsewhere
        self.asked: list[tuple[str, str, Any]] = []

    def client(self, service: str, region: str | None = None) -> Any:
        return ScriptedClient(service, region or self.region, self.answers, self.asked)

    def in_region(self, region: str) -> ScriptedAccount:
        other = ScriptedAccount(self.elsewhere.get(region.replace("-", "_"), self.answers), region=region)
        other.asked = self.asked
        return other
