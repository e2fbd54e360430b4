"""A cluster: a MariaDB process for each instance, one of which writes, and endpoints that follow the writer.

The readers are replicas. Measured on two cores: a replica takes 1.3 s to come up, in the background while Terraform
waits for the instance anyway, and 100 MB; so there is one for each instance that is asked for. Aurora's instances share
their storage, so that its readers are behind by about 20 ms; these are by about as much, and Aurora promises no more.
Switching writers waits until the new one has everything. Nobody logs in here with IAM tokens: proxies take these.
"""

import logging
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from local_aws.databases import replication
from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.endpoints import ClusterEndpoints
from local_aws.databases.forwarding import Forwarder
from local_aws.databases.mariadb import MariaDb
from local_aws.databases.plan import ClusterPlan, Source
from local_aws.databases.users import provide

log = logging.getLogger(__name__)


class DatabaseCluster:
    """One cluster. All that is done to it is done on a thread of its own, one thing after the other.

    Clusters that follow one another have the same `replication_password`. Results of all methods raise DatabaseError.
    """

    def __init__(
        self,
        plan: ClusterPlan,
        directory: Path,
        *,
        authority: CertificateAuthority,
        forwarder: Forwarder,
        replication_password: str,
    ) -> None:
        self.plan = plan
        self._directory = directory
        self._authority = authority
        self._endpoints = ClusterEndpoints(authority, forwarder)
        self._password = replication_password
        self._instances: dict[str, MariaDb] = {}
        self._writer: MariaDb | None = None
        self._role: tuple[MariaDb, Source | None] | None = None
        self._volume: Path | None = None
        self._generation = 0
        self._ready: set[str] = set()
        self._provided: tuple[str, str] | None = None
        self.away = False
        self._closed = False
        self._thread = ThreadPoolExecutor(1, plan.name)

    def apply(self, plan: ClusterPlan) -> "Future[None]":
        """Makes it what the plan says."""
        self.plan = plan
        return self._thread.submit(self._apply, plan)

    def reboot(self, address: str) -> "Future[None]":
        """Restarts an instance, unless the cluster was taken away."""
        return self._thread.submit(lambda: None if self.away else self._instances[address].restart())

    def take_away(self) -> "Future[None]":
        """Ends its processes at once, as a disaster would. Its data stay, and it stays down until `bring_back`."""
        self.away = True
        return self._thread.submit(self._kill)

    def bring_back(self) -> "Future[None]":
        """Starts it again as it should be now."""
        self.away = False
        return self._thread.submit(lambda: self._apply(self.plan))

    def storage(self, *, freeze: bool) -> "Future[MariaDb | None]":
        """What holds its data, running also where it was taken away; None if it has none.

        With `freeze` it takes no writes from then on. `apply` puts an end to either.
        """
        return self._thread.submit(self._storage, freeze)

    def take_over(self, storage: MariaDb) -> "Future[None]":
        """Takes over all that is committed there."""
        return self._thread.submit(self._take_over, storage)

    def discard(self) -> "Future[None]":
        """Ends its processes and removes the data; they are made anew with the next plan."""
        return self._thread.submit(self._discard)

    def close(self) -> "Future[None]":
        """Ends everything and removes the data."""
        self._closed = True
        closed = self._thread.submit(self._close)
        self._thread.shutdown(wait=False)
        return closed

    def _apply(self, plan: ClusterPlan) -> None:
        if plan.stopped or self.away:
            self._endpoints.lead(plan, None, [])
            for instance in self._instances.values():
                instance.stop()
            return
        for address in plan.instances:
            self._started(plan, address)
        wanted = self._instances[plan.writer] if plan.writer else None
        if wanted and self._writer and wanted is not self._writer:
            self._switch(wanted, self._writer, plan)
        self._writer = wanted or self._writer
        if self._writer:
            self._give_role(self._writer, plan)
        for address in set(self._instances) - set(plan.instances):
            self._remove(address)
        self._lead(plan)

    def _started(self, plan: ClusterPlan, address: str) -> None:
        """The instance at this address, running with the cluster's data; a replica unless it is the first."""
        if address not in self._instances:
            directory, self._volume = self._volume or self._directory / address, None
            self._instances[address] = MariaDb(
                directory,
                address=address,
                port=plan.port,
                authority=self._authority,
                also_known_as=plan.addresses,
                options=replication.options(address, self._generation),
                on_exit=lambda: self._on_exit(address),
            )
        instance = self._instances[address]
        instance.start()
        if self._writer is None:
            self._give_role(instance, plan)
            self._writer = instance
        elif address not in self._ready:
            replication.follow(instance, self._writer, self._password)
            replication.catch_up(instance, self._writer)
        self._ready.add(address)

    def _give_role(self, writer: MariaDb, plan: ClusterPlan) -> None:
        """Makes the writer write, with the users of the plan; in a secondary cluster follow, which brings users too."""
        if self._role != (writer, plan.source):
            if plan.source:
                replication.follow(writer, plan.source, self._password)
                replication.catch_up_from_afar(writer, plan.source, self._password)
            else:
                replication.lead(writer)
            self._role = writer, plan.source
        if plan.source is None and self._provided != (plan.username, plan.password):
            provide(writer, plan, self._password)
            self._provided = plan.username, plan.password

    def _switch(self, new: MariaDb, old: MariaDb, plan: ClusterPlan) -> None:
        """Makes another instance the writer, whom all others follow."""
        if plan.source:
            replication.hand_over(old, new)
        else:
            replication.promote(new, old)
        self._writer = new
        self._give_role(new, plan)
        for address, instance in self._instances.items():
            if instance is not new and address in plan.instances:
                replication.follow(instance, new, self._password)

    def _remove(self, address: str) -> None:
        """Ends an instance. The data of the last one stay, as a cluster's storage outlives its instances."""
        instance = self._instances.pop(address)
        self._ready.discard(address)
        instance.close()
        if self._instances:
            shutil.rmtree(instance.directory, ignore_errors=True)
        else:
            self._volume, self._writer = instance.directory, None

    def _lead(self, plan: ClusterPlan) -> None:
        """Leads to the writer and the readers; in a secondary cluster all are readers."""
        writer = None if plan.source else self._writer
        self._endpoints.lead(plan, writer, [one for one in self._instances.values() if one is not writer])

    def _storage(self, freeze: bool) -> MariaDb | None:
        if self._writer and (freeze or self.away):
            self._endpoints.lead(self.plan, None, [])
            self._role = None
            self._writer.set_read_only(True)
        if self._writer:
            self._writer.start()
        return self._writer

    def _take_over(self, storage: MariaDb) -> None:
        if self._writer:
            self._role = None
            self._writer.start()
            replication.follow(self._writer, storage, self._password)
            replication.catch_up(self._writer, storage)

    def _kill(self) -> None:
        for instance in self._instances.values():
            instance.kill()
        self._endpoints.lead(self.plan, None, [])

    def _discard(self) -> None:
        self._endpoints.lead(self.plan, None, [])
        self._ready.clear()
        for instance in self._instances.values():
            instance.close()
        self._instances.clear()
        self._writer = self._role = self._volume = self._provided = None
        self._generation += 1
        shutil.rmtree(self._directory, ignore_errors=True)

    def _close(self) -> None:
        self.plan = replace(self.plan, proxies=())
        self._discard()

    def _on_exit(self, address: str) -> None:
        if not self._closed and address in self._ready:
            with suppress(RuntimeError):
                self._thread.submit(self._revive, address)

    def _revive(self, address: str) -> None:
        """Starts an instance again that has crashed, as Aurora does. One that cannot be started stays down."""
        instance, down = self._instances.get(address), self.plan.stopped or self.away
        if instance is None or instance.running or down or address not in self._ready:
            return
        try:
            instance.start()
        except Exception:
            self._ready.discard(address)
            log.exception("%s: the instance at %s could not be started again", self.plan.name, address)
