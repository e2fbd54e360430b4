"""The login at a proxy: taken from the client over TLS, decided by the local AWS, done again at the database."""

import asyncio
import secrets
import socket
import ssl
from dataclasses import dataclass

from local_aws.databases import packets
from local_aws.databases.conversation import Conversation
from local_aws.databases.logins import Logins
from local_aws.databases.packets import Login, ProtocolError
from local_aws.databases.splice import Target

UNREACHABLE = packets.error(9501, "HY000", "Timed-out waiting to acquire database connection")
INSECURE = packets.error(3159, "HY000", "This RDS Proxy requires TLS connections")


class RefusedError(Exception):
    """A login that is answered with an error: its packet's payload."""

    def __init__(self, payload: bytes) -> None:
        super().__init__()
        self.payload = payload


@dataclass(frozen=True)
class FrontLogin:
    """How logins are done at one proxy."""

    proxy: str
    server_tls: ssl.SSLContext
    client_tls: ssl.SSLContext
    logins: Logins

    async def perform(self, client: Conversation, thread: int, target: Target | None) -> Conversation:
        """Logs the client in. The database's side of the connection, logged in too, for the caller to close.

        Raises ProtocolError if the client was refused, OSError and the like if a connection broke.
        """
        salt = bytes(1 + secrets.randbelow(127) for _ in range(packets.SALT_LENGTH))
        await client.send(packets.greeting(salt, thread))
        try:
            if not packets.capabilities_of(await client.receive()) & packets.Capability.SSL:
                raise RefusedError(INSECURE)
            await client.secure(self.server_tls)
            login = packets.login_of(await client.receive())
            password = await self._decided(client, login, salt)
            database = await self._connected(target)
            try:
                await client.send(await self._entered(database, login, password, target))
            except BaseException:
                database.close()
                raise
        except RefusedError as refused:
            await client.send(refused.payload)
            raise ProtocolError("The login was refused") from None
        return database

    async def _decided(self, client: Conversation, login: Login, salt: bytes) -> str:
        """The password for the database. Raises RefusedError."""
        scramble = login.scramble
        if login.plugin != packets.NATIVE:
            await client.send(packets.switch(packets.NATIVE, salt))
            scramble = await client.receive()
        question = {"proxy": self.proxy, "user": login.user, "salt": salt.hex(), "scramble": scramble.hex()}
        answer = await self.logins.ask(question)
        if "need" in answer:
            await client.send(packets.switch(packets.CLEAR, salt))
            question["token"] = (await client.receive()).rstrip(b"\0").decode()
            answer = await self.logins.ask(question)
        if "refused" in answer:
            raise RefusedError(packets.error(1045, "28000", answer["refused"]))
        return answer["password"]

    async def _connected(self, target: Target | None) -> Conversation:
        """A connection to the database. Raises RefusedError if there is none."""
        if target is None:
            raise RefusedError(UNREACHABLE)
        connection = socket.socket()
        connection.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(connection, target)
        except OSError:
            connection.close()
            raise RefusedError(UNREACHABLE) from None
        return Conversation(connection)

    async def _entered(self, database: Conversation, login: Login, password: str, target: Target | None) -> bytes:
        """The database's welcome. Raises RefusedError with what it says instead."""
        assert target
        try:
            salt = packets.salt_of(await database.receive())
            await database.send(packets.ssl_request(login))
            await database.secure(self.client_tls, target[0])
            await database.send(packets.response(login, packets.native_scramble(password, salt)))
            answer = await database.receive()
            if answer[0] == packets.SWITCH:
                await database.send(packets.native_scramble(password, packets.switched_salt(answer)))
                answer = await database.receive()
        except (OSError, asyncio.IncompleteReadError, ProtocolError):
            raise RefusedError(UNREACHABLE) from None
        if answer[0] != packets.OK:
            raise RefusedError(answer)
        return answer
