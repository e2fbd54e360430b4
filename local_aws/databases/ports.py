"""Free ports."""

import random
import socket

from local_aws.databases.errors import DatabaseError

FREE_PORTS = range(20000, 30000)
"""Below the ports that systems give to clients: a client that tries a port of those while its server is down can
connect to itself, and then keeps the server from it."""


def free_port(address: str) -> int:
    """A port that nothing listens on. Raises DatabaseError if the address is not this computer's."""
    for port in random.sample(FREE_PORTS, len(FREE_PORTS)):
        if is_free(address, port):
            return port
    raise DatabaseError(f"No server can listen on {address}: it is not an address of this computer, or all is taken")


def is_free(address: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
