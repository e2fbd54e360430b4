"""Packets of the MySQL protocol, as far as a login needs them
(https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html)."""

import functools
import hashlib
import operator
import struct
from dataclasses import dataclass
from enum import IntFlag

SERVER_VERSION = "8.0.39"
CHARACTER_SET = 45
"""utf8mb4_general_ci."""

AUTOCOMMIT = 2
NATIVE, CLEAR = "mysql_native_password", "mysql_clear_password"
OK, SWITCH, ERROR = 0x00, 0xFE, 0xFF
SSL_REQUEST_LENGTH = 32
SALT_LENGTH = 20


class Capability(IntFlag):
    """What both sides of a connection can do, as far as fronts offer it."""

    LONG_PASSWORD = 1
    FOUND_ROWS = 1 << 1
    LONG_FLAG = 1 << 2
    CONNECT_WITH_DB = 1 << 3
    PROTOCOL_41 = 1 << 9
    INTERACTIVE = 1 << 10
    SSL = 1 << 11
    IGNORE_SIGPIPE = 1 << 12
    TRANSACTIONS = 1 << 13
    SECURE_CONNECTION = 1 << 15
    MULTI_STATEMENTS = 1 << 16
    MULTI_RESULTS = 1 << 17
    PS_MULTI_RESULTS = 1 << 18
    PLUGIN_AUTH = 1 << 19


OFFERED = functools.reduce(operator.or_, Capability)
NEEDED = (
    Capability.LONG_PASSWORD
    | Capability.PROTOCOL_41
    | Capability.SSL
    | Capability.SECURE_CONNECTION
    | Capability.PLUGIN_AUTH
)


class ProtocolError(Exception):
    """A packet that does not belong to a login as this proxy does it."""


@dataclass(frozen=True)
class Login:
    """What a client says about itself. `scramble` is what it made of its password, for the plugin it names."""

    capabilities: Capability
    packet_limit: int
    character_set: int
    user: str
    scramble: bytes
    database: str
    plugin: str


def packet(number: int, payload: bytes) -> bytes:
    return struct.pack("<I", len(payload))[:3] + bytes([number % 256]) + payload


def greeting(salt: bytes, thread: int) -> bytes:
    """A server's first packet. `salt` has 20 bytes, none of them 0."""
    low, high = int(OFFERED) & 0xFFFF, int(OFFERED) >> 16
    return b"".join(
        [
            b"\x0a" + SERVER_VERSION.encode() + b"\0",
            struct.pack("<I", thread) + salt[:8] + b"\0",
            struct.pack("<HBHHB", low, CHARACTER_SET, AUTOCOMMIT, high, SALT_LENGTH + 1),
            bytes(10) + salt[8:] + b"\0" + NATIVE.encode() + b"\0",
        ]
    )


def salt_of(payload: bytes) -> bytes:
    """The salt in a server's first packet. Raises ProtocolError for an error in its place."""
    if payload[:1] != b"\x0a":
        raise ProtocolError("The database did not greet")
    start = payload.index(b"\0") + 5
    return payload[start : start + 8] + payload[start + 27 : start + 39]


def ssl_request(login: Login) -> bytes:
    return struct.pack("<IIB", _flags(login), login.packet_limit, login.character_set) + bytes(23)


def response(login: Login, scramble: bytes) -> bytes:
    """A client's login, with the native plugin."""
    database = login.database.encode() + b"\0" if login.database else b""
    secret = bytes([len(scramble)]) + scramble
    return ssl_request(login) + login.user.encode() + b"\0" + secret + database + NATIVE.encode() + b"\0"


def _flags(login: Login) -> int:
    flags = (login.capabilities & OFFERED) | NEEDED
    return int(flags | Capability.CONNECT_WITH_DB if login.database else flags & ~Capability.CONNECT_WITH_DB)


def capabilities_of(payload: bytes) -> Capability:
    """The capabilities in a client's first packet. Raises ProtocolError."""
    if len(payload) < SSL_REQUEST_LENGTH:
        raise ProtocolError("The login is too short")
    return Capability(struct.unpack_from("<I", payload)[0] & int(OFFERED))


def login_of(payload: bytes) -> Login:
    """Reads a client's login. Raises ProtocolError."""
    capabilities = capabilities_of(payload)
    _, limit, character_set = struct.unpack_from("<IIB", payload)
    if NEEDED & ~Capability.SSL & ~capabilities:
        raise ProtocolError("The client is too old for this proxy")
    user, _, rest = payload[SSL_REQUEST_LENGTH:].partition(b"\0")
    length = rest[0] if rest else 0
    scramble, rest = rest[1 : 1 + length], rest[1 + length :]
    database = b""
    if capabilities & Capability.CONNECT_WITH_DB:
        database, _, rest = rest.partition(b"\0")
    plugin = rest.partition(b"\0")[0]
    return Login(
        capabilities, limit, character_set, user.decode(), scramble, database.decode(), plugin.decode(errors="replace")
    )


def switch(plugin: str, salt: bytes) -> bytes:
    """A server's wish for another plugin."""
    return bytes([SWITCH]) + plugin.encode() + b"\0" + salt + b"\0"


def switched_salt(payload: bytes) -> bytes:
    """The salt in a server's wish for the native plugin. Raises ProtocolError for another plugin."""
    plugin, _, rest = payload[1:].partition(b"\0")
    if plugin.decode(errors="replace") != NATIVE:
        raise ProtocolError(f"The database wants {plugin.decode(errors='replace')}, not {NATIVE}")
    return rest[:SALT_LENGTH]


def error(code: int, state: str, message: str) -> bytes:
    return bytes([ERROR]) + struct.pack("<H", code) + b"#" + state.encode() + message.encode()


def native_scramble(password: str, salt: bytes) -> bytes:
    """What the native plugin sends for a password."""
    if not password:
        return b""
    first = hashlib.sha1(password.encode()).digest()
    second = hashlib.sha1(salt + hashlib.sha1(first).digest()).digest()
    return bytes(a ^ b for a, b in zip(first, second, strict=True))
