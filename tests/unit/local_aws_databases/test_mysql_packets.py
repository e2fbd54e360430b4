"""Packets of a login, against the client that PyMySQL is."""

import hashlib
import struct

import pymysql._auth
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.databases import packets
from local_aws.databases.packets import Capability, Login, ProtocolError

SALT = bytes(range(1, 21))
LOGIN = Login(packets.OFFERED, 2**24 - 1, 45, "app", b"s" * 20, "payments", packets.NATIVE)


def test_a_greeting_carries_its_salt() -> None:
    assert packets.salt_of(packets.greeting(SALT, 7)) == SALT


def test_an_error_in_place_of_a_greeting_is_told() -> None:
    with pytest.raises(ProtocolError, match="did not greet"):
        packets.salt_of(packets.error(1040, "08004", "Too many connections"))


def test_a_login_is_read_as_it_was_written() -> None:
    assert packets.login_of(packets.response(LOGIN, LOGIN.scramble)) == LOGIN


@given(
    user=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), scramble=st.binary(max_size=200)
)
def test_every_login_is_read_as_it_was_written(user: str, scramble: bytes) -> None:
    read = packets.login_of(
        packets.response(Login(packets.OFFERED, 1, 1, user, scramble, "", packets.NATIVE), scramble)
    )
    assert (read.user, read.scramble, read.database) == (user, scramble, "")
    assert not read.capabilities & Capability.CONNECT_WITH_DB


@pytest.mark.parametrize("payload", [b"", b"\0" * 31, struct.pack("<I", 1) + bytes(40)])
def test_what_is_no_login_is_refused(payload: bytes) -> None:
    with pytest.raises(ProtocolError):
        packets.login_of(payload)


def test_an_answer_of_a_server_can_be_told_apart() -> None:
    assert packets.switched_salt(packets.switch(packets.NATIVE, SALT)) == SALT
    with pytest.raises(ProtocolError, match="caching_sha2_password"):
        packets.switched_salt(packets.switch("caching_sha2_password", SALT))


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_passwords_are_scrambled_as_clients_do(password: str) -> None:
    expected = pymysql._auth.scramble_native_password(password.encode(), SALT)
    assert packets.native_scramble(password, SALT) == expected


def test_an_empty_password_stays_empty() -> None:
    assert packets.native_scramble("", SALT) == b""
    assert hashlib.sha1().digest_size == len(packets.native_scramble("x", SALT))
