"""The targets of a target group: whether they are healthy, and what is under way to them.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import urllib3
from moto.elbv2.models import FakeTargetGroup

CONNECTIONS = 200
"""Kept open to each target."""

INITIAL, HEALTHY, UNHEALTHY, DRAINING, UNUSED = "initial", "healthy", "unhealthy", "draining", "unused"

DESCRIPTIONS = {
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
    "Target.FailedHealthChecks": "Health checks failed",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.Timeout": "Request timed out",
}
"""What AWS says beside the reason code."""


class Member:
    """A registered target of a group, with what its health checks and its requests have seen."""

    def __init__(self, group: FakeTargetGroup, address: str, port: int) -> None:
        self.group = group
        self.address = address
        self.port = port
        self.state = INITIAL
        self.reason = "Elb.RegistrationInProgress"
        self.detail = ""
        self.pool = urllib3.HTTPConnectionPool(address, port, maxsize=CONNECTIONS)
        self._registered = time.monotonic()
        self._passed = 0
        self._failed = 0
        self._requests = 0
        self._drained_at = 0.0
        self._changed = threading.Condition()

    def passed(self) -> None:
        """A health check has succeeded."""
        with self._changed:
            self._passed, self._failed = self._passed + 1, 0
            if self.state == DRAINING:
                return
            if self._passed >= int(self.group.healthy_threshold_count):
                self._become(HEALTHY)
            elif self.state == UNUSED:
                self._become(INITIAL, "Elb.InitialHealthChecking")

    def failed(self, reason: str, detail: str = "") -> None:
        """A health check has failed."""
        with self._changed:
            self._passed, self._failed = 0, self._failed + 1
            threshold = int(self.group.unhealthy_threshold_count)
            # Checks follow each other faster here; a target that begins has as much time as it has in AWS.
            begins_until = self._registered + threshold * int(self.group.health_check_interval_seconds)
            starting = self.state == INITIAL and time.monotonic() < begins_until
            enough = self._failed >= threshold
            if self.state != DRAINING and enough and not starting:
                self._become(UNHEALTHY, reason, detail)

    def not_used(self) -> None:
        """No load balancer leads to the group: nobody checks it."""
        with self._changed:
            self._passed = self._failed = 0
            if self.state != DRAINING:
                self._become(UNUSED, "Target.NotInUse")

    def drain(self, seconds: float) -> None:
        """Takes no new requests from now on; those under way may take this long."""
        with self._changed:
            if self.state != DRAINING:
                self._drained_at = time.monotonic() + seconds
                self._become(DRAINING, "Target.DeregistrationInProgress")

    @property
    def drained(self) -> bool:
        """True once it is draining and nothing is under way, or has taken too long.

        AWS goes on showing such a target as draining until the time is over; here it is gone at once.
        """
        with self._changed:
            return self.state == DRAINING and (not self._requests or time.monotonic() >= self._drained_at)

    def wait_until_drained(self) -> None:
        """Returns when it has drained; the connections to it are closed then."""
        with self._changed:
            while self._requests and (left := self._drained_at - time.monotonic()) > 0:
                self._changed.wait(left)
        self.pool.close()

    @contextmanager
    def request(self) -> Iterator[None]:
        """A request is under way for as long as the block."""
        with self._changed:
            self._requests += 1
        try:
            yield
        finally:
            with self._changed:
                self._requests -= 1
                self._changed.notify_all()

    def description(self) -> dict[str, Any]:
        """As DescribeTargetHealth shows it."""
        health = {"State": self.state}
        if self.reason:
            health |= {"Reason": self.reason, "Description": self.detail or DESCRIPTIONS[self.reason]}
        return {
            "Target": {"Id": self.address, "Port": self.port},
            "HealthCheckPort": str(health_port(self.group, self.port)),
            "TargetHealth": health,
        }

    def _become(self, state: str, reason: str = "", detail: str = "") -> None:
        self.state, self.reason, self.detail = state, reason, detail


def health_port(group: FakeTargetGroup, port: int) -> int:
    """Where a target's health is asked."""
    configured = str(group.health_check_port)
    return int(configured) if configured.isdigit() else port


def members(group: FakeTargetGroup) -> dict[tuple[str, int], Member]:
    """The targets of a group by address and port, without those that have drained."""
    held: dict[tuple[str, int], Member] = vars(group).setdefault("members", {})
    for key, member in list(held.items()):
        if member.drained:
            held.pop(key, None)
    return held


def receiving(group: FakeTargetGroup) -> list[Member]:
    """Who gets requests: the healthy targets, or all of them where none is healthy (fail-open)."""
    serving = [member for member in list(members(group).values()) if member.state not in (DRAINING, UNUSED)]
    return [member for member in serving if member.state == HEALTHY] or serving
