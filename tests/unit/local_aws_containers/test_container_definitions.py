"""Task definitions are read as ECS runs them, and tasks are spread over capacity providers as ECS does."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from local_aws.containers.capacity import next_provider
from local_aws.containers.definition import container_definitions

MINIMAL: dict[str, Any] = {"name": "payment", "image": "image:1"}


def read(container: dict[str, Any], **overrides: Any) -> Any:
    """The one container of a definition."""
    changed = {"containerOverrides": [{"name": "payment", **overrides}]} if overrides else {}
    return container_definitions(SimpleNamespace(container_definitions=[MINIMAL | container]), changed)[0]


def test_a_container_has_defaults() -> None:
    found = read({})
    assert (found.essential, found.command, found.stop_seconds, found.health_check) == (True, (), 30.0, None)


def test_a_call_can_replace_the_command_and_add_to_the_environment() -> None:
    own = {"command": ["serve"], "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "1"}]}
    found = read(own, command=["migrate"], environment=[{"name": "B", "value": "2"}])
    assert (found.command, found.environment) == (("migrate",), {"A": "1", "B": "2"})


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["CMD-SHELL", "curl localhost:8080 || exit 1"], ("/bin/sh", "-c", "curl 127.9.9.9:8080 || exit 1")),
        (["CMD", "python", "check.py", "http://127.0.0.1:8080"], ("python", "check.py", "http://127.9.9.9:8080")),
    ],
)
def test_a_health_check_asks_the_task_at_its_own_address(command: list[str], expected: tuple[str, ...]) -> None:
    check = read({"healthCheck": {"command": command, "retries": 2}}).health_check
    assert (check.at("127.9.9.9"), check.retries, check.timeout, check.start_seconds) == (expected, 2, 5.0, 60.0)


def test_a_health_check_of_the_image_can_be_turned_off() -> None:
    assert read({"healthCheck": {"command": ["NONE"]}}).health_check is None


def test_only_the_log_driver_awslogs_is_for_cloudwatch() -> None:
    options = {"awslogs-group": "payment"}
    assert read({"logConfiguration": {"logDriver": "awslogs", "options": options}}).log_options == options
    assert read({"logConfiguration": {"logDriver": "splunk", "options": options}}).log_options == {}


def test_the_base_comes_first_and_the_rest_by_weight() -> None:
    strategy = [
        {"capacityProvider": "FARGATE", "base": 2, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 3},
    ]
    running: list[str] = []
    for _ in range(10):
        running.append(next_provider(strategy, running))
    assert running[:2] == ["FARGATE", "FARGATE"]
    assert Counter(running) == {"FARGATE": 4, "FARGATE_SPOT": 6}


def test_a_provider_without_weight_gets_its_base_only() -> None:
    strategy = [
        {"capacityProvider": "FARGATE", "base": 1, "weight": 0},
        {"capacityProvider": "FARGATE_SPOT", "weight": 1},
    ]
    assert next_provider(strategy, []) == "FARGATE"
    assert next_provider(strategy, ["FARGATE"]) == "FARGATE_SPOT"
    assert next_provider([], []) == ""
