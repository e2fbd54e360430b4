"""Container stacks that tests look at, and what is read in them."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.stacks import Document, arguments, synthesized

CONTAINERS = {"architecture": "containers", "domain": "acme.io", "parent_zone_id": "Z0PARENT"}
JWT = {"api_authorization": "JWT", "api_jwt_issuer": "https://id.acme.io", "api_jwt_audience": "payments"}


def containers(**overrides: object) -> Document:
    return synthesized(**{**CONTAINERS, **overrides})


def container(document: Document, name: str = "payment") -> dict[str, Any]:
    """The definition of one container of the service's tasks."""
    definitions = json.loads(arguments(document, "aws_ecs_task_definition.service_task")["container_definitions"])
    (found,) = (definition for definition in definitions if definition["name"] == name)
    return dict(found)


def variables(definition: dict[str, Any]) -> dict[str, str]:
    """What a container is told in its environment."""
    return {variable["name"]: variable["value"] for variable in definition["environment"]}


def statements(document: Document, policy: str) -> dict[str, dict[str, Any]]:
    """The statements of one IAM policy by their names."""
    found = json.loads(arguments(document, f"aws_iam_policy.{policy}")["policy"])["Statement"]
    return {statement["Sid"]: statement for statement in found}
