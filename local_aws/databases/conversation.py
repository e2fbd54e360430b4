"""One side of a connection in the MySQL protocol, which begins in the clear and goes on over TLS."""

import asyncio
import socket
import ssl
from asyncio import StreamReader, StreamReaderProtocol, StreamWriter

from local_aws.databases.packets import packet

CHUNK = 2**16


class Conversation:
    """Sends and receives packets over a connected socket, counting them as the protocol wants.

    Before TLS it reads no byte more than a packet has: what follows belongs to the handshake.
    """

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connected
        self._streams: tuple[StreamReader, StreamWriter] | None = None
        self._number = -1

    async def send(self, payload: bytes) -> None:
        """Raises OSError."""
        self._number += 1
        data = packet(self._number, payload)
        if self._streams:
            self._streams[1].write(data)
            await self._streams[1].drain()
        else:
            await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def receive(self) -> bytes:
        """The payload of the next packet. Raises OSError or asyncio.IncompleteReadError."""
        header = await self._exactly(4)
        self._number = header[3]
        return await self._exactly(int.from_bytes(header[:3], "little"))

    async def secure(self, context: ssl.SSLContext, server: str | None = None) -> None:
        """Goes over to TLS: as the client of this server, or as a server. Raises OSError."""
        loop = asyncio.get_running_loop()
        reader = StreamReader()
        protocol = StreamReaderProtocol(reader)
        if server is None:
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, self._socket, ssl=context)
        else:
            transport, _ = await loop.create_connection(
                lambda: protocol, sock=self._socket, ssl=context, server_hostname=server
            )
        self._streams = reader, StreamWriter(transport, protocol, reader, loop)

    async def pass_on_to(self, other: "Conversation") -> None:
        """Sends on what arrives, unread and unchanged, until it ends. Both must be on TLS. Raises OSError."""
        assert self._streams
        assert other._streams
        reader, writer = self._streams[0], other._streams[1]
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()

    def close(self) -> None:
        if self._streams:
            self._streams[1].transport.abort()
        self._socket.close()

    async def _exactly(self, length: int) -> bytes:
        if self._streams:
            return await self._streams[0].readexactly(length)
        data = b""
        while len(data) < length:
            part = await asyncio.get_running_loop().sock_recv(self._socket, length - len(data))
            if not part:
                raise asyncio.IncompleteReadError(data, length)
            data += part
        return data
