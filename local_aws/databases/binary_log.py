"""MariaDB's binary log, read for when transactions were committed (https://mariadb.com/kb/en/binlog-event-header/)."""

import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

MAGIC = b"\xfebin"
HEADER = struct.Struct("<IBIIIH")
"""Of every event: seconds since 1970, type, server's id, length in bytes, next position, flags."""

GTID = struct.Struct("<QI")
"""Of a GTID event (https://mariadb.com/kb/en/gtid_event/): number in the sequence, domain."""

QUERY, XID, GTID_EVENT, QUERY_COMPRESSED = 2, 16, 162, 165
ENDS = (QUERY, XID, QUERY_COMPRESSED)
"""Events that the last one of a transaction is among: their time is when that statement began."""


def position_at(folder: Path, moment: datetime) -> str:
    """The id of the last transaction before the first that was committed at or after a moment; empty if there is none.

    The log, all of which is in `folder`, has whole seconds: what was committed later in the moment's own second is
    taken for earlier, unless the moment is that second's beginning.
    """
    position = ""
    for identity, seconds in _transactions(folder):
        if seconds >= moment.timestamp():
            break
        position = identity
    return position


def _transactions(folder: Path) -> Iterator[tuple[str, int]]:
    """Each one's id, and when it was committed in seconds since 1970, in the order of the log."""
    identity, committed = "", 0
    for path in sorted(folder.glob("binlog.[0-9]*")):
        for seconds, kind, server, body in _events(path.read_bytes()):
            if kind == GTID_EVENT:
                if identity:
                    yield identity, committed
                number, domain = GTID.unpack_from(body)
                identity, committed = f"{domain}-{server}-{number}", seconds
            elif kind in ENDS:
                committed = seconds
    if identity:
        yield identity, committed


def _events(log: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Time, type, server and body of each event that is there to its end."""
    start = len(MAGIC)
    while start + HEADER.size <= len(log):
        seconds, kind, server, length, _, _ = HEADER.unpack_from(log, start)
        if length < HEADER.size or start + length > len(log):
            return
        yield seconds, kind, server, log[start + HEADER.size : start + length]
        start += length
