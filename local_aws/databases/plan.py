"""What a cluster should be, as it was asked for."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ProxyPlan:
    """The endpoint of a proxy that leads to a cluster; `name` is its Region and name."""

    name: str
    address: str
    port: int


@dataclass(frozen=True)
class ClusterPlan:
    """A cluster: endpoints, what its database holds from the start, instances (by their addresses), proxies."""

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
