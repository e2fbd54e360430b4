"""What can be counted at any time: messages in queues, targets that are well.

It is measured when it changes, and each minute.
"""

import time
from collections.abc import Iterator
from typing import Any

from moto.elbv2.models import elbv2_backends
from moto.sqs.models import sqs_backends

from local_aws.alarms.measurements import Place, record
from local_aws.alarms.observations import BALANCERS, balancer_name, group_name
from local_aws.load_balancers.checks import target_group_arns
from local_aws.load_balancers.targets import HEALTHY, UNHEALTHY, members

QUEUES = "AWS/SQS"

Gauge = tuple[Place, str, str, tuple[tuple[str, str], ...]]


class Gauges:
    """Remembers what was last measured, and when; `minute` is how many seconds one lasts."""

    def __init__(self, minute: float) -> None:
        self._minute = minute
        self._last: dict[Gauge, tuple[float, float]] = {}

    def measure(self) -> None:
        """Records what has changed, or was not measured for a minute."""
        now, seen = time.monotonic(), {}
        for gauge, value in [*_queues(), *_targets()]:
            last, when = self._last.get(gauge, (None, 0.0))
            if value == last and now - when < self._minute:
                seen[gauge] = (value, when)
                continue
            place, namespace, metric, dimensions = gauge
            record(place, namespace, metric, dict(dimensions), value)
            seen[gauge] = (value, now)
        self._last = seen


def _queues() -> Iterator[tuple[Gauge, float]]:
    backends: Any = sqs_backends
    for account, region, backend in list(backends.iter_backends()):
        for name, queue in list(backend.queues.items()):
            of_queue = (("QueueName", name),)
            visible = float(queue.approximate_number_of_messages)
            yield ((account, region), QUEUES, "ApproximateNumberOfMessagesVisible", of_queue), visible


def _targets() -> Iterator[tuple[Gauge, float]]:
    backends: Any = elbv2_backends
    for account, region, backend in list(backends.iter_backends()):
        for balancer in list(backend.load_balancers.values()):
            rules = [rule for listener in list(balancer.listeners.values()) for rule in list(listener.rules.values())]
            arns = {arn for rule in rules for action in rule.actions for arn in target_group_arns(action.data)}
            for group in [backend.target_groups[arn] for arn in sorted(arns) if arn in backend.target_groups]:
                states = [member.state for member in members(group).values()]
                both = (("LoadBalancer", balancer_name(balancer.arn)), ("TargetGroup", group_name(group.arn)))
                for metric, state in (("HealthyHostCount", HEALTHY), ("UnHealthyHostCount", UNHEALTHY)):
                    yield ((account, region), BALANCERS, metric, both), float(states.count(state))
