"""What a task definition says of its containers, read as ECS runs them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STOP_SECONDS = 30.0
"""What a container gets to end by itself, where its definition says nothing
(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)."""

LOOPBACK = re.compile(r"\b(?:localhost|127\.0\.0\.1)\b")


@dataclass(frozen=True)
class HealthCheck:
    """A container's own health check. How often it runs is not for its definition to say here.

    `start_seconds` are what a container gets to begin: its start period, and an interval for each of the retries.
    """

    command: tuple[str, ...]
    timeout: float
    retries: int
    start_seconds: float

    def at(self, address: str) -> tuple[str, ...]:
        """The command for a task at this address: its own network, in which `localhost` is the task, is not there."""
        return tuple(LOOPBACK.sub(address, word) for word in self.command)


@dataclass(frozen=True)
class ContainerDefinition:
    """A container as defined, with what a RunTask call puts in its place."""

    name: str
    image: str
    essential: bool
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    directory: str
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    stop_seconds: float
    health_check: HealthCheck | None
    log_options: Mapping[str, str] = field(default_factory=dict)


def container_definitions(definition: Any, overrides: Mapping[str, Any]) -> list[ContainerDefinition]:
    """The containers of one of moto's task definitions."""
    changed = {one["name"]: one for one in overrides.get("containerOverrides") or []}
    return [_container(one, changed.get(one["name"], {})) for one in definition.container_definitions]


def _container(given: Mapping[str, Any], override: Mapping[str, Any]) -> ContainerDefinition:
    environment = [*(given.get("environment") or []), *(override.get("environment") or [])]
    logs = given.get("logConfiguration") or {}
    return ContainerDefinition(
        name=given["name"],
        image=given["image"],
        essential=given.get("essential", True),
        entrypoint=tuple(given.get("entryPoint") or ()),
        command=tuple(override.get("command") or given.get("command") or ()),
        directory=given.get("workingDirectory") or "",
        environment={pair["name"]: pair["value"] for pair in environment},
        secrets={pair["name"]: pair["valueFrom"] for pair in given.get("secrets") or []},
        stop_seconds=float(given.get("stopTimeout") or STOP_SECONDS),
        health_check=_health_check(given.get("healthCheck")),
        log_options=logs.get("options") or {} if logs.get("logDriver") == "awslogs" else {},
    )


def _health_check(given: Mapping[str, Any] | None) -> HealthCheck | None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html"""
    if not given:
        return None
    kind, *words = given["command"]
    if kind == "NONE":
        return None
    command = ["/bin/sh", "-c", *words] if kind == "CMD-SHELL" else words
    retries = int(given.get("retries") or 3)
    return HealthCheck(
        command=tuple(command),
        timeout=float(given.get("timeout") or 5),
        retries=retries,
        start_seconds=float(given.get("startPeriod") or 0) + retries * float(given.get("interval") or 30),
    )
