"""Joins two connections: what comes from one goes to the other, unread and unchanged."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import cast

BACKLOG = 512

Target = tuple[str, int]
"""Address and port of a server."""


class Side(asyncio.Protocol):
    """One of the two connections. It pauses the other while it cannot send on, and ends with it."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.peer: Side | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self.peer and self.peer.transport:
            self.peer.transport.write(data)

    def pause_writing(self) -> None:
        if self.peer and self.peer.transport:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.peer and self.peer.transport:
            self.peer.transport.resume_reading()

    def connection_lost(self, _error: Exception | None) -> None:
        if self.peer and self.peer.transport:
            self.peer.transport.close()

    def cut(self) -> None:
        """Ends both connections at once."""
        if self.transport:
            self.transport.abort()


class Accepted(Side):
    """A client's connection, which is joined to the next of the targets."""

    def __init__(self, endpoint: "Splices") -> None:
        super().__init__()
        self.endpoint = endpoint
        self.target: Target | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        cast(asyncio.Transport, transport).pause_reading()
        self.endpoint.open.add(self)
        self._joining = asyncio.get_running_loop().create_task(self._join())

    def connection_lost(self, error: Exception | None) -> None:
        self.endpoint.open.discard(self)
        self._joining.cancel()
        super().connection_lost(error)

    async def _join(self) -> None:
        assert self.transport
        self.target = self.endpoint.next_target()
        try:
            _, self.peer = await asyncio.get_running_loop().create_connection(Side, *self.target)
        except OSError:
            self.transport.abort()
            return
        self.peer.peer = self
        if self.transport.is_closing() or self.target not in self.endpoint.targets:
            self.peer.cut()
            self.cut()
            return
        self.transport.resume_reading()


class Splices:
    """The connections of one endpoint, which lead to its targets in turn."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self.targets = list(targets)
        self.open: set[Accepted] = set()
        self._turn = count()
        self._server: asyncio.Server | None = None

    def next_target(self) -> Target:
        return self.targets[next(self._turn) % len(self.targets)]

    async def listen(self, address: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Accepted(self), address, port, backlog=BACKLOG)

    def close(self) -> None:
        """Nothing listens any more, and all connections are cut."""
        if self._server:
            self._server.close()
        self._cut(lambda _: True)

    def lead_to(self, targets: Sequence[Target]) -> None:
        """From now on to these targets; connections to others are cut."""
        self.targets = list(targets)
        self._cut(lambda target: target not in self.targets)

    def _cut(self, unwanted: Callable[[Target | None], bool]) -> None:
        for connection in list(self.open):
            if unwanted(connection.target):
                connection.cut()
