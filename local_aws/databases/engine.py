"""What the instances of a cluster need of its engine: how its servers are made, and how they follow one another."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from local_aws.databases.database_server import DatabaseServer
from local_aws.databases.plan import ClusterPlan, Source

Server = TypeVar("Server", bound=DatabaseServer)


class Engine(Protocol[Server]):
    """All methods raise DatabaseError, or the driver's own errors."""

    def server(self, directory: Path, address: str, plan: ClusterPlan, *, on_exit: Callable[[], None]) -> Server:
        """A server for an instance of the cluster, not yet started."""

    def prepare(self, server: Server, source: Server | Source | None) -> None:
        """Before its start: gives a server that has no data yet those that it begins with, if it is to follow one."""

    def follow(self, replica: Server, source: Server | Source) -> None:
        """Makes a server refuse writes and repeat what the source does, from where it stands, once that answers."""

    def lead(self, server: Server) -> None:
        """Makes a server follow none any more, and take writes."""

    def freeze(self, server: Server) -> None:
        """Starts a server if it is down, and makes it refuse writes until `lead`. It may be followed."""

    def catch_up(self, replica: Server, writer: Server) -> None:
        """Waits until a server has all that is committed at the other."""

    def catch_up_from_afar(self, replica: Server, source: Source) -> None:
        """The same with whatever answers at an endpoint; without waiting where nothing does."""

    def hand_over(self, old: Server, new: Server) -> None:
        """Ends what a server does, writing or following, and waits until its replica has all of it.

        The old one does it again if the replica does not catch up, which raises DatabaseError.
        """

    def copy(self, source: Server, moment: datetime | None, into: Path) -> None:
        """Makes in a new folder what was committed in a server at a moment; None stands for all that is committed now.

        The server runs, and need not be the cluster's writer: it may be one on data of the past. The folder becomes
        the `directory` of a server that starts, leads, and can be copied as well, as of every moment for which its
        source could be. So all that this needs lies in a server's own directory, which may be moved while it is down.
        """

    def provide(self, writer: Server, plan: ClusterPlan) -> None:
        """Makes what the cluster's database holds from the start; safe to repeat."""
