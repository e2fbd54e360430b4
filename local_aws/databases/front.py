"""The front of a proxy: takes logins, logs in at the writer instead, then joins the two connections.

RDS Proxy pools connections, and keeps clients through a failover; here each client has a connection of its own to
the database, and is cut off together with it.
"""

import asyncio
import socket
import ssl
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from itertools import count

from local_aws.databases.conversation import Conversation
from local_aws.databases.front_login import FrontLogin
from local_aws.databases.logins import Logins
from local_aws.databases.packets import ProtocolError
from local_aws.databases.splice import BACKLOG, Target

LOGIN_SECONDS = 20
FAULTS = (OSError, asyncio.IncompleteReadError, ProtocolError, UnicodeError, ValueError, IndexError)
"""What ends one connection: it broke, or what came was no MySQL."""


class Front:
    """A proxy's endpoint. `settings`: the proxy; files with its certificate, its key, the authority to trust."""

    def __init__(self, settings: dict[str, str], targets: Sequence[Target], logins: Logins) -> None:
        server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_tls.load_cert_chain(settings["certificate"], settings["key"])
        client_tls = ssl.create_default_context(cafile=settings["authority"])
        self._login = FrontLogin(settings["proxy"], server_tls, client_tls, logins)
        self._targets = list(targets)
        self._threads = count(1)
        self._open: set[asyncio.Task[None]] = set()
        self._accepting: asyncio.Task[None] | None = None

    async def listen(self, address: str, port: int) -> None:
        listening = socket.create_server((address, port), backlog=BACKLOG)
        listening.setblocking(False)
        self._accepting = asyncio.create_task(self._accept(listening))

    def lead_to(self, targets: Sequence[Target]) -> None:
        """From now on to the first of these targets; if they are others, all connections are cut."""
        if list(targets) != self._targets:
            self._targets = list(targets)
            for connection in self._open:
                connection.cancel()

    def close(self) -> None:
        """Nothing listens any more, and all connections are cut."""
        self.lead_to([])
        if self._accepting:
            self._accepting.cancel()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with listening:
            while True:
                client, _ = await loop.sock_accept(listening)
                task = loop.create_task(self._serve(Conversation(client)))
                self._open.add(task)
                task.add_done_callback(self._open.discard)

    async def _serve(self, client: Conversation) -> None:
        target = self._targets[0] if self._targets else None
        database: Conversation | None = None
        with suppress(*FAULTS):
            try:
                async with asyncio.timeout(LOGIN_SECONDS):
                    database = await self._login.perform(client, next(self._threads), target)
                await _either(client.pass_on_to(database), database.pass_on_to(client))
            finally:
                client.close()
                if database:
                    database.close()


async def _either(*directions: Coroutine[None, None, None]) -> None:
    """Until one of them ends."""
    tasks = [asyncio.ensure_future(direction) for direction in directions]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
