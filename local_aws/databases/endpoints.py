"""The endpoints of a cluster and of the proxies in front of it: where they lead."""

from collections.abc import Sequence

from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.database_server import DatabaseServer
from local_aws.databases.forwarding import Forwarder
from local_aws.databases.plan import ClusterPlan, ProxyPlan


class ClusterEndpoints:
    """Leads them through the process that all endpoints share."""

    def __init__(self, authority: CertificateAuthority, forwarder: Forwarder) -> None:
        self._authority = authority
        self._forwarder = forwarder
        self._fronts: dict[ProxyPlan, dict[str, str]] = {}
        self._global_address: str | None = None

    def lead(self, plan: ClusterPlan, writer: DatabaseServer | None, readers: Sequence[DatabaseServer]) -> None:
        """Makes them lead to the writer and to the readers (the writer, if there are none); nowhere without either.

        Raises DatabaseError.
        """
        writers = [writer] if writer else []
        self._point(plan.address, plan.port, writers)
        self._point(plan.reader_address, plan.port, readers or writers)
        if not plan.source:
            self._lead_globally(plan, writers)
        for proxy in set(self._fronts) - set(plan.proxies):
            self._point(proxy.address, proxy.port, [])
            del self._fronts[proxy]
        for proxy in plan.proxies:
            front = self._fronts.get(proxy) or self._front(proxy)
            self._point(proxy.address, proxy.port, writers, front)
            self._fronts[proxy] = front

    def _lead_globally(self, plan: ClusterPlan, writers: Sequence[DatabaseServer]) -> None:
        if self._global_address and not plan.global_address:
            self._point(self._global_address, plan.port, [])
        if plan.global_address:
            self._point(plan.global_address, plan.port, writers)
        self._global_address = plan.global_address

    def _point(
        self, address: str, port: int, instances: Sequence[DatabaseServer], front: dict[str, str] | None = None
    ) -> None:
        self._forwarder.lead(address, port, [(one.address, one.port) for one in instances], front)

    def _front(self, proxy: ProxyPlan) -> dict[str, str]:
        certificate, key = self._authority.issue([], [proxy.address])
        authority = self._authority.ca_file
        return {"proxy": proxy.name, "certificate": str(certificate), "key": str(key), "authority": str(authority)}
