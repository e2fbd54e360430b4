"""MariaDB's binary log is read for the last transaction before a moment."""

import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local_aws.databases.binary_log import GTID_EVENT, MAGIC, QUERY, XID, position_at

ROTATE = 4


def event(seconds: int, kind: int, body: bytes = b"", server: int = 7) -> bytes:
    return struct.pack("<IBIIIH", seconds, kind, server, 19 + len(body), 0, 0) + body


def begin(seconds: int, number: int) -> bytes:
    return event(seconds, GTID_EVENT, struct.pack("<QIB", number, 0, 0))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three transactions in two files: the second one began before the first was committed, the last is cut off."""
    first = [begin(100, 1), event(102, XID), begin(101, 2), event(104, XID), event(900, ROTATE)]
    second = [event(0, ROTATE), begin(106, 3), event(106, QUERY), begin(107, 4)[:-3]]
    for number, events in enumerate((first, second), start=1):
        (tmp_path / f"binlog.00000{number}").write_bytes(MAGIC + b"".join(events))
    (tmp_path / "binlog.index").write_text("./binlog.000001\n./binlog.000002\n")
    return tmp_path


@pytest.mark.parametrize(
    ("moment", "position"),
    [
        (99, ""),
        (102, ""),
        (102.5, "0-7-1"),
        (104, "0-7-1"),
        (104.1, "0-7-2"),
        (106, "0-7-2"),
        (107, "0-7-3"),
    ],
)
def test_a_moment_is_before_what_was_committed_at_it_or_later(folder: Path, moment: float, position: str) -> None:
    assert position_at(folder, datetime.fromtimestamp(moment, UTC)) == position


def test_a_server_without_a_log_has_no_transaction(tmp_path: Path) -> None:
    assert position_at(tmp_path, datetime.now(UTC)) == ""
