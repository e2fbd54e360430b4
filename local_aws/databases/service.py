"""The databases of one local AWS: brings what runs in line with what RDS says."""

import atexit
import secrets
import shutil
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from moto.rds.models import DBCluster, DBInstanceClustered

from local_aws.databases import cluster_logins
from local_aws.databases.aurora import POSTGRESQL, has_database, plan_of
from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.cluster import DatabaseCluster
from local_aws.databases.endpoints import ClusterEndpoints
from local_aws.databases.engine import Engine
from local_aws.databases.errors import DatabaseError
from local_aws.databases.forwarding import Forwarder
from local_aws.databases.ldap_verifier import LdapVerifier
from local_aws.databases.mariadb_engine import MariaDbEngine
from local_aws.databases.postgresql_engine import PostgreSqlEngine
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
        self._logins = LdapVerifier(cluster_logins.opens)
        password = secrets.token_urlsafe(24)
        self._mysql = MariaDbEngine(self.authority, password)
        self._postgresql = PostgreSqlEngine(self.authority, password, self._logins)
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
                engine: Engine[Any] = self._postgresql if cluster.engine == POSTGRESQL else self._mysql
                endpoints = ClusterEndpoints(self.authority, self._forwarder)
                found = DatabaseCluster(plan, directory, engine=engine, endpoints=endpoints)
                self._clusters[plan.address] = found
        return found.apply(plan)

    def reboot(self, instance: DBInstanceClustered) -> None:
        """Restarts an instance, and waits until it answers. Raises DatabaseError."""
        found = self._found(instance.cluster)
        if found:
            found.reboot(str(instance.address)).result(SECONDS)

    def take_over(self, new: DBCluster, old: DBCluster, *, freeze: bool) -> None:
        """Gives a secondary cluster all that is committed in the primary's storage. Raises DatabaseError.

        Storage outlives the instances, and a global database copies from storage and not from a database engine: what
        a client was told is committed arrives, though all instances of the primary have died since. A Region that is
        lost with its storage loses what was on the way, up to the lag; that is not to be seen here. With `freeze` the
        primary takes no writes from then on, until it is applied again.
        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html
        """
        primary, secondary = self._found(old), self._found(new)
        storage = primary.storage(freeze=freeze).result(SECONDS) if primary else None
        if storage and secondary:
            secondary.take_over(storage).result(SECONDS)

    def discard(self, cluster: DBCluster) -> None:
        """Removes a cluster's data; `apply` makes them anew, from those of the cluster that it follows."""
        found = self._found(cluster)
        if found:
            found.discard().result(SECONDS)

    def take_away(self, cluster: DBCluster) -> None:
        """Ends a cluster's databases for good, as the loss of its Region's instances would: none is started again."""
        self._existing(cluster).take_away().result(SECONDS)

    def is_away(self, cluster: DBCluster) -> bool:
        """Whether a cluster's databases were taken away."""
        found = self._found(cluster)
        return found is not None and found.away

    def bring_back(self, cluster: DBCluster) -> None:
        """Starts databases that were taken away. Raises DatabaseError."""
        self._existing(cluster).bring_back().result(SECONDS)

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
        self._logins.stop()

    def _found(self, cluster: DBCluster) -> DatabaseCluster | None:
        own: Any = cluster
        with self._turn:
            return self._clusters.get(own.local_address)

    def _existing(self, cluster: DBCluster) -> DatabaseCluster:
        found = self._found(cluster)
        if found is None:
            raise DatabaseError(f"{cluster.arn} has no instances")
        return found
