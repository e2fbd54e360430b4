"""A cluster of databases, and all that can be done to it."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from local_aws.databases.database_server import DatabaseServer
from local_aws.databases.endpoints import ClusterEndpoints
from local_aws.databases.engine import Engine
from local_aws.databases.instances import Instances
from local_aws.databases.plan import ClusterPlan

log = logging.getLogger(__name__)


class DatabaseCluster:
    """One cluster. All that is done to it is done on a thread of its own, one thing after the other.

    Results of all methods raise DatabaseError.
    """

    def __init__(self, plan: ClusterPlan, directory: Path, *, engine: Engine[Any], endpoints: ClusterEndpoints) -> None:
        self.plan = plan
        self.away = False
        self.lost: set[str] = set()
        self._closed = False
        self._thread = ThreadPoolExecutor(1, plan.name)
        self._instances = Instances(directory, engine=engine, endpoints=endpoints, on_exit=self._on_exit)

    def apply(self, plan: ClusterPlan) -> "Future[None]":
        """Makes it what the plan says; `release` goes before other addresses."""
        self.plan = plan
        return self._thread.submit(self._apply, plan)

    def release(self) -> "Future[None]":
        """Ends its processes and frees its addresses. Its data wait for the next plan."""
        return self._thread.submit(lambda: self._instances.release(replace(self.plan, proxies=())))

    def reboot(self, address: str) -> "Future[None]":
        """Restarts an instance, unless the cluster was taken away."""
        return self._thread.submit(lambda: None if self.away else self._instances.restart(address))

    def lose(self, address: str) -> "Future[None]":
        """Ends an instance at once, which stays down until it is found. The cluster's plan stays as it is."""
        self.lost.add(address)
        return self._thread.submit(lambda: self._instances.lose(address, self.plan))

    def find(self, address: str, plan: ClusterPlan) -> "Future[None]":
        """Starts an instance again that was lost, in the role that the plan has for it."""
        self.lost.discard(address)
        self._thread.submit(self._instances.find, address)
        return self.apply(plan)

    def rewind(self, moment: datetime) -> "Future[None]":
        """Makes all its data those of a moment, also of one before which it was rewound."""
        return self._thread.submit(self._rewind, moment)

    def copy(self, moment: datetime | None, into: Path) -> "Future[None]":
        """Makes a new folder, as a server's, with what was committed at a moment or is now; none if it has no data."""
        return self._thread.submit(lambda: self._instances.copy(self.plan, moment, into))

    def load(self, folder: Path) -> "Future[None]":
        """Takes over a folder that a cluster made with `copy`, if it exists, before there is an instance."""
        return self._thread.submit(self._instances.load, folder)

    def take_away(self) -> "Future[None]":
        """Ends its processes at once, as a disaster would. Its data stay, and it stays down until `bring_back`."""
        self.away = True
        return self._thread.submit(lambda: self._instances.kill(self.plan))

    def bring_back(self) -> "Future[None]":
        """Starts it again as it should be now."""
        self.away = False
        return self._thread.submit(lambda: self._apply(self.plan))

    def storage(self, *, freeze: bool) -> "Future[DatabaseServer | None]":
        """What holds its data, running also where it was taken away; None if it has none.

        With `freeze`, and where it was taken away, it takes no writes. `apply` puts an end to either.
        """
        return self._thread.submit(lambda: self._instances.storage(self.plan, freeze=freeze or self.away))

    def take_over(self, storage: DatabaseServer) -> "Future[None]":
        """Takes over all that is committed there."""
        return self._thread.submit(self._instances.take_over, storage)

    def discard(self) -> "Future[None]":
        """Ends its processes and removes the data; they are made anew with the next plan."""
        return self._thread.submit(lambda: self._instances.discard(self.plan))

    def close(self) -> "Future[None]":
        """Ends everything and removes the data."""
        self._closed = True
        closed = self._thread.submit(lambda: self._instances.discard(replace(self.plan, proxies=())))
        self._thread.shutdown(wait=False)
        return closed

    def _apply(self, plan: ClusterPlan) -> None:
        if plan.stopped or self.away:
            self._instances.stop(plan)
        else:
            self._instances.run(plan)

    def _rewind(self, moment: datetime) -> None:
        try:
            self._instances.rewind(self.plan, moment)
        finally:
            self._apply(self.plan)

    def _on_exit(self, address: str) -> None:
        if not self._closed:
            with suppress(RuntimeError):
                self._thread.submit(self._revive, address)

    def _revive(self, address: str) -> None:
        """Starts an instance again that has crashed, as Aurora does."""
        if self.plan.stopped or self.away:
            return
        try:
            self._instances.revive(address)
        except Exception:
            log.exception("%s: the instance at %s could not be started again", self.plan.name, address)
