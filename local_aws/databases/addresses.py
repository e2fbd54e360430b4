"""Loopback addresses: each endpoint has one of its own, so that all of them can have the port that was asked for."""

import random
from ipaddress import IPv4Address

from local_aws.databases.errors import DatabaseError
from local_aws.databases.ports import is_free

FIRST, LAST = IPv4Address("127.1.0.1"), IPv4Address("127.254.255.254")
ATTEMPTS = 100

REMEDY = (
    "Does a program listen on this port on all addresses? End it. The local AWS gives each database an address in "
    "127.0.0.0/8: Linux has them all, macOS only those made with `sudo ifconfig lo0 alias 127.x.y.z`"
)


def free_address(port: int) -> str:
    """An address on which a server could listen on this port now. Raises DatabaseError.

    Among 16 million, two servers that choose at the same moment do not choose the same.
    """
    for _ in range(ATTEMPTS):
        address = str(IPv4Address(random.randint(int(FIRST), int(LAST))))
        if is_free(address, port):
            return address
    raise DatabaseError(f"No loopback address with a free port {port} was found in {ATTEMPTS} attempts. {REMEDY}")
