"""The instances of a cluster: processes of its engine, one of which writes, and endpoints that follow the writer.

The readers are replicas. Measured on two cores: a replica of MariaDB takes 1.3 s to come up, in the background while
Terraform waits for the instance anyway, and 100 MB; so there is one for each instance that is asked for. Aurora's
instances share their storage, so that its readers are behind by about 20 ms; these are by about as much, and Aurora
promises no more. Switching writers waits until the new one has everything.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Generic

from local_aws.databases.addresses import free_address
from local_aws.databases.endpoints import ClusterEndpoints
from local_aws.databases.engine import Engine, Server
from local_aws.databases.plan import ClusterPlan, Source
from local_aws.databases.volumes import Volumes


class Instances(Generic[Server]):
    """They are in `directory`. `on_exit` is called with the address of one whose process has ended.

    All methods raise DatabaseError.
    """

    def __init__(
        self,
        directory: Path,
        *,
        engine: Engine[Server],
        endpoints: ClusterEndpoints,
        on_exit: Callable[[str], None],
    ) -> None:
        self._engine = engine
        self._endpoints = endpoints
        self._on_exit = on_exit
        self._all: dict[str, Server] = {}
        self._writer: Server | None = None
        self._role: tuple[Server, Source | None] | None = None
        self._ready: set[str] = set()
        self._lost: set[str] = set()
        self._provided: tuple[str, str] | None = None
        self._volumes = Volumes(directory)

    def run(self, plan: ClusterPlan) -> None:
        """Makes them what the plan says; those that are lost stay down."""
        for address in plan.instances:
            if address not in self._lost:
                self._started(plan, address)
        wanted = self._all.get(plan.writer) if plan.writer else None
        if wanted and self._writer and wanted is not self._writer:
            self._switch(wanted, self._writer, plan)
        self._writer = wanted or self._writer
        if self._writer and self._writer.address not in self._lost:
            self._give_role(self._writer, plan)
        for address in set(self._all) - set(plan.instances):
            self._remove(address)
        for address in self._lost & set(self._all):
            self._all[address].kill()
        self._lead(plan)

    def stop(self, plan: ClusterPlan) -> None:
        """Ends them; their data stay."""
        self._endpoints.lead(plan, None, [])
        for instance in self._all.values():
            instance.stop()

    def kill(self, plan: ClusterPlan) -> None:
        """Ends them at once, as a crash would."""
        for instance in self._all.values():
            instance.kill()
        self._endpoints.lead(plan, None, [])

    def restart(self, address: str) -> None:
        """Starts one again, stopped before if it runs; not one that is lost."""
        if address not in self._lost:
            self._all[address].restart()

    def lose(self, address: str, plan: ClusterPlan) -> None:
        """Ends one at once, which stays down until `find`. Its data stay, as the cluster's storage does."""
        self._lost.add(address)
        self._ready.discard(address)
        if address in self._all:
            self._all[address].kill()
        self._lead(plan)

    def find(self, address: str) -> None:
        """Lets `run` start one again that was lost."""
        self._lost.discard(address)

    def revive(self, address: str) -> None:
        """Starts one again that has crashed. One that cannot be started stays down."""
        if address in self._ready and not self._all[address].running:
            try:
                self._all[address].start()
            except Exception:
                self._ready.discard(address)
                raise

    def storage(self, plan: ClusterPlan, *, freeze: bool) -> Server | None:
        """What holds the data, started if it is down. With `freeze` it takes no writes, until `run`."""
        if self._writer and freeze:
            self._endpoints.lead(plan, None, [])
            self._role = None
            self._engine.freeze(self._writer)
        elif self._writer:
            self._writer.start()
        return self._writer

    def take_over(self, storage: Server) -> None:
        """Takes over all that is committed there."""
        if self._writer:
            self._role = None
            self._writer.start()
            self._engine.follow(self._writer, storage)
            self._engine.catch_up(self._writer, storage)

    def copy(self, plan: ClusterPlan, moment: datetime | None, into: Path) -> None:
        """Makes in a new folder, as a server's, what was committed at a moment or is now; nothing if there is none."""
        with self._source(plan, moment) as source:
            if source:
                self._engine.copy(source, moment, into)

    def load(self, folder: Path) -> None:
        """Takes over a server's folder, if it exists, as the data that the first instance begins with."""
        self._volumes.load(folder)

    def rewind(self, plan: ClusterPlan, moment: datetime) -> None:
        """Makes the data those of a moment; `run` makes the instances anew. Clients are cut off."""
        self._endpoints.lead(plan, None, [])
        rewound = self._volumes.new("rewound")
        self.copy(plan, moment, rewound)
        self.release(plan)
        self._volumes.rewind(rewound)

    def release(self, plan: ClusterPlan) -> None:
        """Ends all instances for `run` to make them anew on the cluster's data, under whichever addresses."""
        self._endpoints.lead(plan, None, [])
        self._ready.clear()
        for instance in self._all.values():
            instance.stop()
            instance.close()
            if instance is self._writer:
                self._volumes.leave(instance.directory)
            else:
                shutil.rmtree(instance.directory, ignore_errors=True)
        self._all.clear()
        self._writer = self._role = self._provided = None

    def discard(self, plan: ClusterPlan) -> None:
        """Ends them and removes the data; `run` makes them anew."""
        self._endpoints.lead(plan, None, [])
        self._ready.clear()
        self._lost.clear()
        for instance in self._all.values():
            instance.close()
        self._all.clear()
        self._writer = self._role = self._provided = None
        self._volumes.clear()

    @contextmanager
    def _source(self, plan: ClusterPlan, moment: datetime | None) -> Iterator[Server | None]:
        """What holds the data that were the cluster's at a moment, running for as long as the block does."""
        folder = self._volumes.at(moment)
        if folder is None:
            if self._writer:
                self._writer.start()
            yield self._writer
            return
        server = self._engine.server(folder, free_address(plan.port), plan, on_exit=lambda: None)
        try:
            server.start()
            yield server
            server.stop()
        finally:
            server.close()

    def _started(self, plan: ClusterPlan, address: str) -> None:
        """The instance at this address, running with the cluster's data; a replica unless it is the first."""
        if address not in self._all:
            directory = self._volumes.take(address)
            self._all[address] = self._engine.server(directory, address, plan, on_exit=lambda: self._on_exit(address))
        instance = self._all[address]
        self._engine.prepare(instance, self._writer or plan.source)
        instance.start()
        if self._writer is None:
            self._give_role(instance, plan)
            self._writer = instance
        elif address not in self._ready and instance is not self._writer:
            self._read_storage(self._writer)
            self._engine.follow(instance, self._writer)
            self._engine.catch_up(instance, self._writer)
        self._ready.add(address)

    def _give_role(self, writer: Server, plan: ClusterPlan) -> None:
        """Makes the writer write, with the users of the plan; in a secondary cluster follow, which brings users too."""
        if self._role != (writer, plan.source):
            if plan.source:
                self._engine.follow(writer, plan.source)
                self._engine.catch_up_from_afar(writer, plan.source)
            else:
                self._engine.lead(writer)
            self._role = writer, plan.source
        if plan.source is None and self._provided != (plan.username, plan.password):
            self._engine.provide(writer, plan)
            self._provided = plan.username, plan.password

    def _switch(self, new: Server, old: Server, plan: ClusterPlan) -> None:
        """Makes another instance the writer, whom all others follow."""
        self._read_storage(old)
        self._engine.hand_over(old, new)
        self._writer = new
        self._give_role(new, plan)
        for address, instance in self._all.items():
            if instance is not new and address in plan.instances and address not in self._lost:
                self._engine.follow(instance, new)

    def _read_storage(self, writer: Server) -> None:
        """Starts a writer that is lost, for others to read its data to their end; `run` ends it after that.

        Aurora's storage outlives all instances.
        """
        if writer.address in self._lost:
            self._role = None
            self._engine.freeze(writer)

    def _lead(self, plan: ClusterPlan) -> None:
        """Makes the endpoints lead to what runs. In a secondary cluster all are readers."""
        up = [one for address, one in self._all.items() if address not in self._lost]
        writer = None if plan.source else self._writer
        self._endpoints.lead(plan, writer if writer in up else None, [one for one in up if one is not writer])

    def _remove(self, address: str) -> None:
        """Ends an instance. The data of the last one stay, as a cluster's storage outlives its instances."""
        instance = self._all.pop(address)
        self._ready.discard(address)
        self._lost.discard(address)
        instance.close()
        if self._all:
            shutil.rmtree(instance.directory, ignore_errors=True)
        else:
            self._volumes.leave(instance.directory)
            self._writer = None
