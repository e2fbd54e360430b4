"""The databases of one local AWS: brings what runs in line with what RDS says."""

import atexit
import shutil
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from moto.rds.models import DBCluster, DBInstanceClustered

from local_aws.databases.aurora import has_database, plan_of
from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.cluster import DatabaseCluster
from local_aws.databases.forwarding import Forwarder
from local_aws.databases.proxy_logins import decide

SECONDS = 120
"""How long a change may take, with others before it; starting two instances takes 3."""


class DatabaseService:
    """Everything it starts ends with `stop`, or with this process. `directory` is its own, and emptied first."""

    def __init__(self, directory: Path) -> None:
        shutil.rmtree(directory, ignore_errors=True)
        self._directory = directory
        self.authority = CertificateAuthority(directory)
        self._forwarder = Forwarder(directory / "forwarder.log", decide)
        self._clusters: dict[str, DatabaseCluster] = {}
        self._turn = threading.Lock()
        atexit.register(self.stop)

    def apply(self, cluster: DBCluster) -> "Future[None]":
        """Brings a cluster in line, in the background. The result raises DatabaseError."""
        if not has_database(cluster):
            nothing: Future[None] = Future()
            nothing.set_result(None)
            return nothing
        plan = plan_of(cluster)
        with self._turn:
            found = self._clusters.get(plan.address)
            if found is None:
                directory = self._directory / plan.address
                found = DatabaseCluster(plan, directory, self.authority, self._forwarder)
                self._clusters[plan.address] = found
        return found.apply(plan)

    def reboot(self, instance: DBInstanceClustered) -> None:
        """Restarts an instance, and waits until it answers. Raises DatabaseError."""
        own: Any = instance.cluster
        with self._turn:
            found = self._clusters.get(own.local_address)
        if found:
            found.reboot(str(instance.address)).result(SECONDS)

    def remove(self, cluster: DBCluster) -> None:
        """Ends a cluster and removes its data."""
        own: Any = cluster
        with self._turn:
            found = self._clusters.pop(own.local_address, None)
        if found:
            found.close().result(SECONDS)

    def stop(self) -> None:
        """Ends everything and removes the data; clusters can be made again after that."""
        with self._turn:
            closed = [found.close() for found in self._clusters.values()]
            self._clusters.clear()
        for one in closed:
            one.result(SECONDS)
        self._forwarder.stop()
