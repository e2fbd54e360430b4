"""The instances of all functions: reused while warm, as many at once as a function may have."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable

from local_aws.functions.environment import Deployment
from local_aws.functions.errors import TooManyRequestsError
from local_aws.functions.instance import FunctionInstance

MAX_INSTANCES = 8
"""Processes of one function version. What comes beyond them waits, where AWS would start more."""

IDLE_SECONDS = 300.0
"""How long an instance is kept warm for nothing."""

Version = tuple[str, str]


class InstancePool:
    """Lends instances to invocations."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._invocations: Counter[str] = Counter()
        self._instances: dict[Version, set[FunctionInstance]] = defaultdict(set)
        self._starting: Counter[Version] = Counter()
        self._idle: dict[Version, list[FunctionInstance]] = defaultdict(list)

    def borrow(
        self, deployment: Deployment, reserved: int | None, launch: Callable[[], FunctionInstance]
    ) -> FunctionInstance:
        """An instance of this deployment for one invocation: a warm one, or a new one from `launch`.

        Raises TooManyRequestsError when the function already runs `reserved` times.
        """
        with self._changed:
            if reserved is not None and self._invocations[deployment.arn] >= reserved:
                raise TooManyRequestsError(reserved)
            self._invocations[deployment.arn] += 1
        try:
            return self._take(deployment) or self._add(deployment, launch)
        except BaseException:
            self._count_down(deployment)
            raise

    def give_back(self, instance: FunctionInstance) -> None:
        """Ends a loan: the next invocation may have the instance, if it is still of use."""
        self._count_down(instance.deployment)
        if not instance.usable:
            return self._end(instance)
        with self._changed:
            self._idle[_version(instance.deployment)].append(instance)
            self._changed.notify_all()
        return None

    def sweep(self, current: Callable[[Deployment], Deployment | None], idle_seconds: float = IDLE_SECONDS) -> None:
        """Ends idle instances of what is no longer deployed like this, and those that nobody needed for long.

        Also ends those at work whose extensions are over their time.
        """
        now = time.monotonic()
        for instance in self._all():
            instance.end_overdue()
        with self._changed:
            idle = [instance for instances in self._idle.values() for instance in instances]
            ended = [
                instance
                for instance in idle
                if now - instance.idle_since > idle_seconds or current(instance.deployment) != instance.deployment
            ]
            for instance in ended:
                self._idle[_version(instance.deployment)].remove(instance)
        for instance in ended:
            self._end(instance)

    def stop(self) -> None:
        """Ends all instances, also those at work."""
        instances = self._all()
        with self._changed:
            self._idle.clear()
        for instance in instances:
            self._end(instance)

    def processes(self) -> list[int]:
        """The ids of the processes that run."""
        return [instance.pid for instance in self._all() if instance.pid]

    def _all(self) -> list[FunctionInstance]:
        with self._changed:
            return [instance for instances in self._instances.values() for instance in instances]

    def _count_down(self, deployment: Deployment) -> None:
        with self._changed:
            self._invocations[deployment.arn] -= 1

    def _take(self, deployment: Deployment) -> FunctionInstance | None:
        """A warm instance, or None when there is room for a new one."""
        version = _version(deployment)
        while True:
            with self._changed:
                while not self._idle[version] and self._size(version) >= MAX_INSTANCES:
                    self._changed.wait()
                if not self._idle[version]:
                    self._starting[version] += 1
                    return None
                instance = self._idle[version].pop()
            if instance.usable and instance.deployment == deployment:
                return instance
            self._end(instance)

    def _add(self, deployment: Deployment, launch: Callable[[], FunctionInstance]) -> FunctionInstance:
        version = _version(deployment)
        try:
            instance = launch()
        except BaseException:
            with self._changed:
                self._starting[version] -= 1
                self._changed.notify_all()
            raise
        with self._changed:
            self._starting[version] -= 1
            self._instances[version].add(instance)
        return instance

    def _end(self, instance: FunctionInstance) -> None:
        instance.stop()
        with self._changed:
            self._instances[_version(instance.deployment)].discard(instance)
            self._changed.notify_all()

    def _size(self, version: Version) -> int:
        return len(self._instances[version]) + self._starting[version]


def _version(deployment: Deployment) -> Version:
    return deployment.arn, deployment.version
