"""The server that PostgreSQL asks about tokens answers simple binds, and nothing else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from local_aws.databases import ldap_messages
from local_aws.databases.ldap_messages import Bind, LdapError, answer_to, bind_of
from local_aws.databases.ldap_verifier import ADDRESS, MESSAGE_LIMIT, LdapVerifier

UNBIND = bytes.fromhex("30050201024200")


def encoded(tag: int, content: bytes) -> bytes:
    """An element with the shortest length."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def bind_content(number: bytes, name: str, password: str) -> bytes:
    """What is in a message with a bind."""
    credentials = encoded(0x04, name.encode()) + encoded(0x80, password.encode())
    return encoded(0x02, number) + encoded(0x60, encoded(0x02, b"\x03") + credentials)


def bind_message(name: str, password: str, number: bytes = b"\x01") -> bytes:
    return encoded(0x30, bind_content(number, name, password))


def answered(number: str, result: int) -> bytes:
    return bytes.fromhex(f"300c{number}6107{'0a01'}{result:02x}04000400")


def test_a_bind_is_read_as_openldap_writes_it() -> None:
    message = bytes.fromhex("020101600f02010304037573658005746f6b656e")
    assert bind_of(message) == Bind(1, "use", "token")


@pytest.mark.parametrize("length", [0, 1, 127, 128, 255, 256, 2000, 65_535])
def test_passwords_of_all_lengths_are_read(length: int) -> None:
    found = bind_of(bind_content(b"\x07", "user=ünï", "x" * length))
    assert found == Bind(7, "user=ünï", "x" * length)
    assert "xxx" not in repr(found)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x02",
        b"\x02\x05\x01",
        b"\x02\x82\x01",
        UNBIND[2:],
        bind_content(b"\x01", "user", "token")[:-1],
        # Not a simple bind, but SASL.
        encoded(0x02, b"\x01") + encoded(0x60, encoded(0x02, b"\x03") + encoded(0x04, b"u") + encoded(0xA3, b"")),
        encoded(0x02, b"\x01") + encoded(0x60, encoded(0x02, b"\x03") + encoded(0x04, b"\xff") + encoded(0x80, b"")),
    ],
)
def test_what_is_no_simple_bind_is_an_error(content: bytes) -> None:
    with pytest.raises(LdapError):
        bind_of(content)


@pytest.mark.parametrize(("number", "wanted"), [(1, "0101"), (127, "017f"), (128, "020080"), (300, "02012c")])
def test_an_answer_has_the_binds_number(number: int, wanted: str) -> None:
    answer = answer_to(Bind(number, "", ""), ldap_messages.SUCCESS)
    assert answer == encoded(0x30, bytes.fromhex(f"02{wanted}61070a010004000400"))


@pytest.fixture
def verifier() -> Iterator[LdapVerifier]:
    """It opens `user` with `token`, and fails at `fault`."""

    def opens(name: str, password: str) -> bool:
        if name == "fault":
            raise RuntimeError("a fault")
        return (name, password) == ("user", "token")

    made = LdapVerifier(opens)
    yield made
    made.stop()


def connected(verifier: LdapVerifier) -> socket.socket:
    connection = socket.create_connection((ADDRESS, verifier.port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def test_only_the_right_password_opens_a_name(verifier: LdapVerifier) -> None:
    with closing(connected(verifier)) as connection:
        for name, password, result in (
            ("user", "token", ldap_messages.SUCCESS),
            ("user", "another", ldap_messages.INVALID_CREDENTIALS),
            ("user", "", ldap_messages.INVALID_CREDENTIALS),
            ("other", "token", ldap_messages.INVALID_CREDENTIALS),
            ("user", "token" * 1000, ldap_messages.INVALID_CREDENTIALS),
            ("user", "token", ldap_messages.SUCCESS),
        ):
            connection.sendall(bind_message(name, password))
            assert connection.recv(100) == answered("020101", result)
        connection.sendall(UNBIND)
        assert connection.recv(100) == b""


def test_a_fault_opens_nothing(verifier: LdapVerifier) -> None:
    with closing(connected(verifier)) as connection:
        connection.sendall(bind_message("fault", "token"))
        assert connection.recv(100) == answered("020101", ldap_messages.UNAVAILABLE)
        assert connection.recv(100) == b""


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        UNBIND,
        b"\x30\x83" + (MESSAGE_LIMIT + 1).to_bytes(3, "big"),
        encoded(0x30, b"\x02\x05\x01"),
    ],
)
def test_anything_else_ends_the_connection(verifier: LdapVerifier, data: bytes) -> None:
    with closing(connected(verifier)) as connection:
        connection.sendall(data)
        with suppress(ConnectionResetError):
            assert connection.recv(100) == b""


def test_a_message_may_come_in_parts_and_others_do_not_wait_for_it(verifier: LdapVerifier) -> None:
    message = bind_message("user", "token")
    with closing(connected(verifier)) as slow, closing(connected(verifier)) as fast:
        slow.sendall(message[:5])
        fast.sendall(message)
        assert fast.recv(100) == answered("020101", ldap_messages.SUCCESS)
        slow.sendall(message[5:])
        assert slow.recv(100) == answered("020101", ldap_messages.SUCCESS)


def test_it_ends_and_can_be_used_again(verifier: LdapVerifier) -> None:
    port = verifier.port
    assert verifier.port == port
    verifier.stop()
    verifier.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((ADDRESS, port), timeout=10)
    with closing(connected(verifier)) as connection:
        connection.sendall(bind_message("user", "token"))
        assert connection.recv(100) == answered("020101", ldap_messages.SUCCESS)
    verifier.stop()
    deadline = time.monotonic() + 10
    while any(thread.name == "database logins" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
