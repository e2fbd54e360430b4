"""Listeners that really listen: each load balancer has a loopback address of its own, with its listeners' ports.

Where this user may not listen on a port below 1024, another port of that address takes its place: `addresses` says.
"""

import logging
import socket
import ssl
import threading
from typing import Any

from moto.acm.models import acm_backends
from moto.elbv2.models import FakeListener, FakeLoadBalancer, elbv2_backends

from local_aws import databases
from local_aws.databases.addresses import free_address
from local_aws.databases.errors import DatabaseError
from local_aws.databases.ports import FREE_PORTS, free_port, is_free
from local_aws.load_balancers.answers import answer_of, idle_seconds
from local_aws.load_balancers.connection import Connection, Listening

Key = tuple[str, int, str, str]
"""A listener's ARN, port, protocol and certificate: with another one of them it listens anew."""

log = logging.getLogger(__name__)


class ListenerServer(Listening):
    """A listener on its address."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, balancer: FakeLoadBalancer, listener: FakeListener, address: str) -> None:
        self.listener = listener
        self.idle = idle_seconds(balancer)
        self.answer = lambda request, body: answer_of(balancer, listener, request, body)
        self._tls = _tls(balancer, listener, address) if listener.protocol == "HTTPS" else None
        super().__init__((address, _port(address, int(listener.port))), Connection)
        threading.Thread(target=self.serve_forever, daemon=True, name=f"listens for {balancer.name}").start()

    def get_request(self) -> tuple[socket.socket, Any]:
        """The next connection; its TLS handshake is its own thread's."""
        connection, client = super().get_request()
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, client

    def handle_error(self, *_: object) -> None:
        """A client that breaks off, or that does not trust the certificate, is no fault."""
        log.debug("A connection to %s has ended early", self.server_address, exc_info=True)


def synchronize(balancer: FakeLoadBalancer) -> None:
    """Lets a load balancer listen as its listeners say; nothing listens for one that was deleted."""
    _, _, _, region, account, _ = balancer.arn.split(":", 5)
    exists = balancer.arn in elbv2_backends[account][region].load_balancers
    wanted = {_key(one): one for one in balancer.listeners.values()} if exists else {}
    servers = servers_of(balancer)
    for key in [key for key in servers if key not in wanted]:
        close(servers.pop(key))
    for key, listener in wanted.items():
        if key not in servers:
            try:
                servers[key] = ListenerServer(balancer, listener, _address(balancer))
            except (DatabaseError, OSError) as error:
                log.warning("Listener %s can be reached by the local AWS's port only: %s", listener.arn, error)


def _key(listener: FakeListener) -> Key:
    return listener.arn, int(listener.port), listener.protocol, listener.certificate or ""


def servers_of(balancer: FakeLoadBalancer) -> dict[Key, ListenerServer]:
    """What listens for a load balancer."""
    held: dict[Key, ListenerServer] = vars(balancer).setdefault("servers", {})
    return held


def close(server: ListenerServer) -> None:
    """Listens no more; requests under way go on."""
    server.shutdown()
    server.server_close()


def addresses() -> dict[str, dict[str, str]]:
    """Where the listeners of each load balancer are reached, by its name and by the listener's port."""
    balancers = [
        balancer
        for backends in list(elbv2_backends.values())
        for backend in list(backends.values())
        for balancer in list(backend.load_balancers.values())
    ]
    return {
        balancer.dns_name: {
            str(port): ":".join(map(str, server.server_address[:2]))
            for (_, port, _, _), server in servers_of(balancer).items()
        }
        for balancer in balancers
    }


def stop() -> None:
    """Closes everything that listens."""
    for backends in list(elbv2_backends.values()):
        for backend in list(backends.values()):
            for balancer in list(backend.load_balancers.values()):
                servers = servers_of(balancer)
                while servers:
                    close(servers.popitem()[1])


def _address(balancer: FakeLoadBalancer) -> str:
    address: str = vars(balancer).setdefault("address", "") or free_address(FREE_PORTS[0])
    vars(balancer)["address"] = address
    return address


def _port(address: str, wanted: int) -> int:
    return wanted if is_free(address, wanted) else free_port(address)


def _tls(balancer: FakeLoadBalancer, listener: FakeListener, address: str) -> ssl.SSLContext:
    """With a certificate of the local authority for the load balancer's name and for those of its certificate."""
    _, _, _, region, account, _ = balancer.arn.split(":", 5)
    found: Any = acm_backends[account][region]._certificates.get(listener.certificate or "")
    names = {balancer.dns_name, *([*found.sans] if found else [])}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(*databases.running().authority.issue(sorted(names), [address]))
    return context
