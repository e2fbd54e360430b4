"""An environment in memory as game days meet it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from tap.gameday.stage import Stage
from tap.recovery.site import Site


class Pages:
    """What a paginator gives: one page."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.answer = answer

    def paginate(self, **_: object) -> list[Mapping[str, Any]]:
        return [self.answer]


class FakeClient:
    """Answers operations by name with a value, or with what a function of the parameters gives; remembers the calls."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:
        def call(**parameters: Any) -> Any:
            self.calls.append((operation, parameters))
            answer = self.answers.get(operation, {})
            return answer(**parameters) if callable(answer) else answer

        return call

    def get_paginator(self, operation: str) -> Pages:
        answer = self.answers[operation]
        return Pages(answer() if callable(answer) else answer)

    def get_waiter(self, name: str) -> Any:
        return SimpleNamespace(wait=lambda **parameters: self.calls.append((name, parameters)))

    def given(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of the calls of an operation."""
        return [parameters for name, parameters in self.calls if name == operation]


class FakeSite:
    """A Region of an environment; `tags` are those of the recovery function, `cluster_` is the ledger's."""

    suffix = "pr-1"
    region = "eu-west-1"
    cluster_id = "payment-cluster-pr-1"

    def __init__(
        self,
        clients: Mapping[str, FakeClient],
        *,
        tags: Mapping[str, str] | None = None,
        cluster: Mapping[str, Any] | None = None,
        other: FakeSite | None = None,
    ) -> None:
        self.clients = clients
        self.cluster_ = dict(cluster or {})
        self.other = other
        self.present: set[str] = set()
        self.function = SimpleNamespace(tags=dict(tags or {}), ask_until=self._ask)
        self.environment = SimpleNamespace(
            account=SimpleNamespace(place=f"Region {self.region}"),
            client=self.client,
            name=lambda base: f"payment-{base}-pr-1",
            parameter=lambda key: f"value of {key}",
        )

    @property
    def in_two_regions(self) -> bool:
        return self.other is not None

    @property
    def other_region(self) -> str | None:
        return self.other.region if self.other else None

    def elsewhere(self, _: str) -> FakeSite:
        assert self.other
        return self.other

    def client(self, service: str) -> FakeClient:
        return self.clients[service]

    def cluster(self) -> dict[str, Any]:
        return self.cluster_

    def _ask(self, task: str, **parameters: Any) -> dict[str, Any]:
        if task == "find-payments":
            return {"payments": {one: {} for one in parameters["payment_ids"] if one in self.present}}
        assert task == "check-ledger"
        return {"faulty": 0}


def stage_of(site: FakeSite, directory: Path = Path("unused")) -> Stage:
    """A stage on it that tells nobody anything."""
    return Stage(cast(Site, site), directory, lambda _: None, 0.0)
