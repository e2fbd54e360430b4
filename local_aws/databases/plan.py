"""What a cluster should be, as it was asked for."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ProxyPlan:
    """The endpoint of a proxy that leads to a cluster; `name` is its Region and name."""

    name: str
    address: str
    port: int


@dataclass(frozen=True)
class Source:
    """The endpoint that a secondary cluster follows: it leads to one server after the other."""

    address: str
    port: int


@dataclass(frozen=True)
class ClusterPlan:
    """A cluster: endpoints, what its database holds from the start, instances (by their addresses), proxies.

    A secondary cluster of a global database has a `source`, the endpoint of the primary, whom it repeats: users and
    databases too. The first of its instances, here too called the writer, does so, and the others follow this one.
    `global_address` is the global database's own endpoint, which leads to the primary.
    """

    name: str
    address: str
    reader_address: str
    port: int
    database: str | None
    username: str
    password: str = field(repr=False)
    instances: tuple[str, ...] = ()
    writer: str | None = None
    stopped: bool = False
    proxies: tuple[ProxyPlan, ...] = ()
    source: Source | None = None
    global_address: str | None = None

    @property
    def addresses(self) -> list[str]:
        """All under which clients may know an instance, beside its own."""
        return [self.address, self.reader_address, *([self.global_address] if self.global_address else [])]
