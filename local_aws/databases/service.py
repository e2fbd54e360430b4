"""The databases of one local AWS: brings what runs in line with what RDS says."""

import atexit
import logging
import secrets
import shutil
import threading
from concurrent.futures import Future
from datetime import datetime
from itertools import count
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
from local_aws.databases.snapshots import Snapshots
from local_aws.turn import TURN

SECONDS = 120
"""How long a change may take, with others before it; starting two instances takes 3."""

COPY_SECONDS = 600
"""How long a change may take that repeats all that was written."""

FAILOVER_SECONDS = 3.0
"""After which a reader takes the place of a writer that is lost. Aurora notices within some seconds, too
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html)."""

log = logging.getLogger(__name__)


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
        self._snapshots = Snapshots(directory / "snapshots")
        self._clusters: dict[str, DatabaseCluster] = {}
        self._numbers = count(1)
        self._turn = threading.Lock()
        atexit.register(self.stop)

    def apply(self, cluster: DBCluster) -> "Future[None]":
        """Brings a cluster in line, in the background. The result raises DatabaseError."""
        if not has_database(cluster):
            nothing: Future[None] = Future()
            nothing.set_result(None)
            return nothing
        return self._made(cluster).apply(plan_of(cluster))

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

    def release(self, cluster: DBCluster) -> None:
        """Ends a cluster's databases, which `apply` makes anew on the same data at the addresses of then."""
        found = self._found(cluster)
        if found:
            found.release().result(SECONDS)

    def lose_instance(self, instance: DBInstanceClustered) -> None:
        """Ends an instance's database for good, as the loss of its host would: it is not started again.

        If it was the writer, and another instance runs, that is the writer after a few seconds.
        """
        self._existing(instance.cluster).lose(str(instance.address)).result(SECONDS)
        instance.status = "rebooting"
        self.replace_lost_writer(instance.cluster)

    def bring_instance_back(self, instance: DBInstanceClustered) -> None:
        """Starts an instance's database that was lost; it follows the writer of now. Raises DatabaseError."""
        cluster = instance.cluster
        self._existing(cluster).find(str(instance.address), plan_of(cluster)).result(SECONDS)
        instance.status = "available"
        self.replace_lost_writer(cluster)

    def replace_lost_writer(self, cluster: DBCluster) -> None:
        """Makes another instance the writer after a few seconds, if the writer is lost by then and another runs."""
        timer = threading.Timer(FAILOVER_SECONDS, self._fail_over, [cluster])
        timer.daemon = True
        timer.start()

    def is_lost(self, instance: DBInstanceClustered) -> bool:
        """Whether an instance's database was lost and not brought back."""
        found = self._found(instance.cluster)
        return found is not None and str(instance.address) in found.lost

    def rewind(self, cluster: DBCluster, moment: datetime) -> None:
        """Makes a cluster's data those of a moment, also of one before which it was rewound. Raises DatabaseError."""
        self._existing(cluster).rewind(moment).result(COPY_SECONDS)

    def restore(self, new: DBCluster, source: DBCluster, moment: datetime | None = None) -> None:
        """Lets a cluster that has no instances yet begin with what another's data were at a moment, or are now.

        Raises DatabaseError.
        """
        folder, found = self._snapshots.new(), self._found(source)
        if found:
            found.copy(moment, folder).result(COPY_SECONDS)
            self._made(new).load(folder).result(SECONDS)

    def save(self, cluster: DBCluster, snapshot: str, moment: datetime | None = None) -> None:
        """Keeps a cluster's data of a moment, or of now, under a name for `load`; they outlive it.

        Raises DatabaseError.
        """
        folder, found = self._snapshots.new(), self._found(cluster)
        if found:
            found.copy(moment, folder).result(COPY_SECONDS)
        self._snapshots.keep(snapshot, folder)

    def has_saved(self, snapshot: str) -> bool:
        """Whether there are data under this name."""
        return self._snapshots.has(snapshot)

    def save_again(self, snapshot: str, name: str) -> None:
        """Keeps the data of a snapshot under another name, too. Raises DatabaseError."""
        self._snapshots.keep(name, self._snapshots.copy(snapshot))

    def load(self, new: DBCluster, snapshot: str) -> None:
        """Lets a cluster that has no instances yet begin with a snapshot's data. Raises DatabaseError."""
        self._made(new).load(self._snapshots.copy(snapshot)).result(SECONDS)

    def forget(self, snapshot: str) -> None:
        """Removes a snapshot's data, if there are any."""
        self._snapshots.forget(snapshot)

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
        with self._turn:
            found = self._clusters.pop(cluster.db_cluster_resource_id, None)
        if found:
            found.close().result(SECONDS)

    def stop(self) -> None:
        """Ends everything and removes the data; clusters can be made again after that."""
        with self._turn:
            closed = [found.close() for found in self._clusters.values()]
            self._clusters.clear()
        for one in closed:
            one.result(SECONDS)
        self._snapshots.clear()
        self._forwarder.stop()
        self._logins.stop()

    def _found(self, cluster: DBCluster) -> DatabaseCluster | None:
        with self._turn:
            return self._clusters.get(cluster.db_cluster_resource_id)

    def _made(self, cluster: DBCluster) -> DatabaseCluster:
        """The cluster, which is made if there is none yet."""
        with self._turn:
            found = self._clusters.get(cluster.db_cluster_resource_id)
            if found is None:
                plan = plan_of(cluster)
                engine: Engine[Any] = self._postgresql if cluster.engine == POSTGRESQL else self._mysql
                endpoints = ClusterEndpoints(self.authority, self._forwarder)
                # Addresses change hands when clusters are renamed.
                directory = self._directory / f"{plan.address}-{next(self._numbers)}"
                found = DatabaseCluster(plan, directory, engine=engine, endpoints=endpoints)
                self._clusters[cluster.db_cluster_resource_id] = found
            return found

    def _existing(self, cluster: DBCluster) -> DatabaseCluster:
        found = self._found(cluster)
        if found is None:
            raise DatabaseError(f"{cluster.arn} has no instances")
        return found

    def _fail_over(self, cluster: DBCluster) -> None:
        """Makes the first reader in the order of promotion the writer, if the writer is still lost."""
        with TURN:
            writer = cluster.writer
            readers = [one for one in cluster.members if one is not writer and one.status == "available"]
            if writer is None or not self.is_lost(writer) or not readers:
                return
            cluster.failover(min(readers, key=lambda reader: int(reader.promotion_tier)))
        try:
            self.apply(cluster).result(SECONDS)
        except Exception:
            log.exception("%s could not fail over", cluster.arn)
