"""A cluster: a MariaDB process for each instance, one of which writes, and endpoints that follow the writer.

The readers are replicas. Measured on two cores: a replica takes 1.3 s to come up, in the background while Terraform
waits for the instance anyway, and 100 MB; so there is one for each instance that is asked for. Aurora's instances share
their storage, so that its readers are behind by about 20 ms; these are by about as much, and Aurora promises no more.
Switching writers waits until the new one has everything. Nobody logs in here with IAM tokens: proxies take these.
"""

import logging
import secrets
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from local_aws.databases import replication
from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.execute import Execute
from local_aws.databases.forwarding import Forwarder
from local_aws.databases.mariadb import MariaDb
from local_aws.databases.plan import ClusterPlan, ProxyPlan

MASTER_PRIVILEGES = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, "
    "CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, "
    "CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"
)
"""Aurora's, which lack SUPER: on a replica the master user cannot write either
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.MasterAccounts.html)."""

log = logging.getLogger(__name__)


class DatabaseCluster:
    """One cluster. All that is done to it is done on a thread of its own, one thing after the other."""

    def __init__(
        self, plan: ClusterPlan, directory: Path, authority: CertificateAuthority, forwarder: Forwarder
    ) -> None:
        self.plan = plan
        self._directory = directory
        self._authority = authority
        self._forwarder = forwarder
        self._replication_password = secrets.token_urlsafe(24)
        self._instances: dict[str, MariaDb] = {}
        self._writer: MariaDb | None = None
        self._volume: Path | None = None
        self._ready: set[str] = set()
        self._provided: tuple[str, str] | None = None
        self._fronts: dict[ProxyPlan, dict[str, str]] = {}
        self._closed = False
        self._thread = ThreadPoolExecutor(1, plan.name)

    def apply(self, plan: ClusterPlan) -> "Future[None]":
        """Makes it what the plan says. The result raises DatabaseError."""
        self.plan = plan
        return self._thread.submit(self._apply, plan)

    def reboot(self, address: str) -> "Future[None]":
        """Restarts an instance."""
        return self._thread.submit(lambda: self._instances[address].restart())

    def close(self) -> "Future[None]":
        """Ends everything and removes the data."""
        self._closed = True
        closed = self._thread.submit(self._close)
        self._thread.shutdown(wait=False)
        return closed

    def _apply(self, plan: ClusterPlan) -> None:
        if plan.stopped:
            self._lead(plan, running=False)
            for instance in self._instances.values():
                instance.stop()
            return
        for address in plan.instances:
            self._started(plan, address)
        wanted = self._instances[plan.writer] if plan.writer else None
        if wanted and self._writer and wanted is not self._writer:
            self._switch(wanted, self._writer, plan)
        self._writer = wanted or self._writer
        if self._writer and self._provided != (plan.username, plan.password):
            self._provide(self._writer, plan)
        for address in set(self._instances) - set(plan.instances):
            self._remove(address)
        self._lead(plan, running=True)

    def _started(self, plan: ClusterPlan, address: str) -> None:
        """The instance at this address, running; a replica unless it is the first."""
        if address not in self._instances:
            directory, self._volume = self._volume or self._directory / address, None
            self._instances[address] = MariaDb(
                directory,
                address=address,
                port=plan.port,
                authority=self._authority,
                also_known_as=[plan.address, plan.reader_address],
                options=replication.options(address),
                on_exit=lambda: self._on_exit(address),
            )
        instance = self._instances[address]
        instance.start()
        if self._writer is None:
            self._provide(instance, plan)
            self._writer = instance
        elif address not in self._ready:
            replication.follow(instance, self._writer, self._replication_password)
        self._ready.add(address)

    def _provide(self, writer: MariaDb, plan: ClusterPlan) -> None:
        """The database, the master user, and the user of the replicas, as the plan has them."""
        with writer.session() as execute:
            self._provide_over(execute, plan)
        self._provided = plan.username, plan.password

    def _provide_over(self, execute: Execute, plan: ClusterPlan) -> None:
        if plan.database:
            execute(f"CREATE DATABASE IF NOT EXISTS `{plan.database.replace('`', '``')}`")
        for user, password, privileges in (
            (replication.USER, self._replication_password, "REPLICATION SLAVE"),
            (plan.username, plan.password, MASTER_PRIVILEGES),
        ):
            execute("CREATE USER IF NOT EXISTS %s@'%%'", user)
            execute("ALTER USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", user, password)
            option = " WITH GRANT OPTION" if user == plan.username else ""
            execute(f"GRANT {privileges} ON *.* TO %s@'%%'{option}", user)

    def _switch(self, new: MariaDb, old: MariaDb, plan: ClusterPlan) -> None:
        """Makes another instance the writer, whom all others follow."""
        replication.promote(new, old)
        self._writer = new
        for address, instance in self._instances.items():
            if instance is not new and address in plan.instances:
                replication.follow(instance, new, self._replication_password)

    def _remove(self, address: str) -> None:
        """Ends an instance. The data of the last one stay, as a cluster's storage outlives its instances."""
        instance = self._instances.pop(address)
        self._ready.discard(address)
        instance.close()
        if self._instances:
            shutil.rmtree(instance.directory, ignore_errors=True)
        else:
            self._volume, self._writer = instance.directory, None

    def _lead(self, plan: ClusterPlan, *, running: bool) -> None:
        """Makes the endpoints lead to the writer and to the readers (the writer, if there are none)."""
        writer = [self._writer] if self._writer and running else []
        readers = [instance for instance in self._instances.values() if instance is not self._writer] if writer else []
        self._forwarder.lead(plan.address, plan.port, [(found.address, found.port) for found in writer])
        self._forwarder.lead(
            plan.reader_address, plan.port, [(found.address, found.port) for found in readers or writer]
        )
        for proxy in set(self._fronts) - set(plan.proxies):
            self._forwarder.lead(proxy.address, proxy.port, [])
            del self._fronts[proxy]
        for proxy in plan.proxies:
            front = self._fronts.get(proxy) or self._front(proxy)
            self._forwarder.lead(proxy.address, proxy.port, [(found.address, found.port) for found in writer], front)
            self._fronts[proxy] = front

    def _front(self, proxy: ProxyPlan) -> dict[str, str]:
        certificate, key = self._authority.issue([], [proxy.address])
        authority = self._authority.ca_file
        return {"proxy": proxy.name, "certificate": str(certificate), "key": str(key), "authority": str(authority)}

    def _on_exit(self, address: str) -> None:
        if not self._closed and address in self._ready:
            with suppress(RuntimeError):
                self._thread.submit(self._revive, address)

    def _revive(self, address: str) -> None:
        """Starts an instance again that has crashed, as Aurora does. One that cannot be started stays down."""
        instance = self._instances.get(address)
        if instance is None or instance.running or self.plan.stopped or address not in self._ready:
            return
        try:
            instance.start()
        except Exception:
            self._ready.discard(address)
            log.exception("%s: the instance at %s could not be started again", self.plan.name, address)

    def _close(self) -> None:
        self._lead(replace(self.plan, proxies=()), running=False)
        self._ready.clear()
        for instance in self._instances.values():
            instance.close()
        self._instances.clear()
        self._writer = None
        shutil.rmtree(self._directory, ignore_errors=True)
