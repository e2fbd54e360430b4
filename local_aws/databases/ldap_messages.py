"""The part of LDAP that a simple bind needs: what a client asks, and whether it may come in.

https://www.rfc-editor.org/rfc/rfc4511#section-4.2, in the basic encoding rules of ASN.1.
"""

from dataclasses import dataclass, field

INTEGER, OCTETS, ENUMERATED, SEQUENCE = 0x02, 0x04, 0x0A, 0x30
BIND_REQUEST, BIND_RESPONSE, SIMPLE = 0x60, 0x61, 0x80

SUCCESS, PROTOCOL_ERROR, INVALID_CREDENTIALS, UNAVAILABLE = 0, 2, 49, 52
"""Result codes (https://www.rfc-editor.org/rfc/rfc4511#appendix-A)."""


class LdapError(Exception):
    """What came is no simple bind."""


@dataclass(frozen=True)
class Bind:
    """Someone's wish to come in; `number` is the message's."""

    number: int
    name: str
    password: str = field(repr=False)


def bind_of(message: bytes) -> Bind:
    """The simple bind in a message's content, which is a sequence's. Raises LdapError if it is something else."""
    number, rest = _element(message, INTEGER)
    request, _ = _element(rest, BIND_REQUEST)
    _, rest = _element(request, INTEGER)
    name, rest = _element(rest, OCTETS)
    password, _ = _element(rest, SIMPLE)
    try:
        return Bind(int.from_bytes(number, "big"), name.decode(), password.decode())
    except UnicodeDecodeError as error:
        raise LdapError("not UTF-8") from error


def answer_to(bind: Bind, result: int) -> bytes:
    """The message that answers a bind."""
    outcome = _encoded(ENUMERATED, bytes([result])) + _encoded(OCTETS, b"") + _encoded(OCTETS, b"")
    # Numbers are signed: a leading zero keeps them positive.
    number = bind.number.to_bytes(bind.number.bit_length() // 8 + 1, "big")
    return _encoded(SEQUENCE, _encoded(INTEGER, number) + _encoded(BIND_RESPONSE, outcome))


def length_of(first: int, following: bytes) -> int:
    """An element's length: its first byte itself, or as many `following` ones as it says."""
    return int.from_bytes(following, "big") if first & 0x80 else first


def length_bytes(first: int) -> int:
    """How many bytes of the length follow its first one."""
    return first & 0x7F if first & 0x80 else 0


def _element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the element that data begin with, and what follows it."""
    if len(data) < 2 or data[0] != tag:
        raise LdapError(f"an element {tag:#x} is missing")
    start = 2 + length_bytes(data[1])
    end = start + length_of(data[1], data[2:start])
    if end > len(data):
        raise LdapError("an element ends too early")
    return data[start:end], data[end:]


def _encoded(tag: int, content: bytes) -> bytes:
    assert len(content) < 0x80
    return bytes([tag, len(content)]) + content
