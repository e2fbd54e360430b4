"""Processors that the tasks of an ECS service have on Fargate: as many as the service may grow to, and those in use."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tap.account import Account
from tap.doctor.design import Design
from tap.doctor.usage import Usage

ON_DEMAND, SPOT = "FARGATE", "FARGATE_SPOT"
UNITS_OF_A_VCPU = 1024
LOOK_BACK = timedelta(hours=1)


def vcpus(provider: str) -> Callable[[Design], Counter[str]]:
    """What a capacity provider has to give when a service has its most tasks; a deployment can take as much again."""

    def needed(design: Design) -> Counter[str]:
        units = sum(tasks.get(provider, 0) * unit for tasks, unit in _services(design))
        return Counter({"": math.ceil(units / UNITS_OF_A_VCPU)})

    return needed


def _services(design: Design) -> Iterator[tuple[Mapping[str, int], int]]:
    """Of each service its most tasks by capacity provider, and the processor units of one."""
    definitions = design.of_type("aws_ecs_task_definition")
    targets = design.of_type("aws_appautoscaling_target").values()
    for name, service in design.of_type("aws_ecs_service").items():
        definition = str(service["task_definition"]).removeprefix("${aws_ecs_task_definition.").partition(".")[0]
        scaled = [target for target in targets if f"${{aws_ecs_service.{name}.name}}" in str(target["resource_id"])]
        most = max([int(service.get("desired_count", 0)), *(int(target["max_capacity"]) for target in scaled)])
        yield spread(most, service.get("capacity_provider_strategy") or []), int(definitions[definition]["cpu"])


def spread(tasks: int, strategy: list[dict[str, Any]]) -> dict[str, int]:
    """How many tasks each capacity provider gets: first its base, then a share of the rest by weight, rounded up.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
    """
    if not strategy:
        return {ON_DEMAND: tasks}
    rest = max(0, tasks - sum(int(item.get("base", 0)) for item in strategy))
    weights = sum(int(item.get("weight", 0)) for item in strategy) or 1
    return {
        item["capacity_provider"]: min(
            tasks, int(item.get("base", 0)) + math.ceil(rest * int(item.get("weight", 0)) / weights)
        )
        for item in strategy
    }


def in_use(class_: str) -> Usage:
    """The most that ran at a time within the last hour, as Fargate counts it against its quota.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/monitoring-fargate-usage.html
    """
    dimensions = {"Service": "Fargate", "Type": "Resource", "Resource": "vCPU", "Class": f"Standard/{class_}"}

    def count(account: Account) -> Counter[str]:
        now = datetime.now(UTC)
        answer: Any = account.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Usage",
            MetricName="ResourceCount",
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=now - LOOK_BACK,
            EndTime=now,
            Period=300,
            Statistics=["Maximum"],
        )
        return Counter({"": math.ceil(max((point["Maximum"] for point in answer["Datapoints"]), default=0))})

    return count
