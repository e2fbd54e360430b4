"""An LDAP server on loopback that says whether a password opens a name: PostgreSQL asks it about IAM tokens.

Aurora's PostgreSQL asks its host in such a case, through PAM. Nothing but simple binds is answered; each is a question
of its own, which changes nothing.
"""

import logging
import socket
import threading
from collections.abc import Callable
from socketserver import StreamRequestHandler, ThreadingTCPServer

from local_aws.databases import ldap_messages
from local_aws.databases.ldap_messages import LdapError
from local_aws.databases.ports import free_port

ADDRESS = "127.0.0.1"
MESSAGE_LIMIT = 2**17
"""Bytes. A token with a session's credentials has some 2,000; PostgreSQL takes passwords of up to 65,535."""
ANSWER_SECONDS = 20.0

log = logging.getLogger(__name__)

Opens = Callable[[str, str], bool]
"""Whether a name (the bind's) is opened by a password."""


class LdapVerifier:
    """It serves with the first use of `port`, until `stop`."""

    def __init__(self, opens: Opens) -> None:
        self._opens = opens
        self._turn = threading.Lock()
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        with self._turn:
            if self._server is None:
                self._server = _Server(self._opens)
            return int(self._server.server_address[1])

    def stop(self) -> None:
        with self._turn:
            server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, opens: Opens) -> None:
        super().__init__((ADDRESS, free_port(ADDRESS)), _Handler)
        self.opens = opens
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True, name="database logins").start()

    def handle_error(self, _request: object, _client: object) -> None:
        log.exception("A database login could not be decided")


class _Handler(StreamRequestHandler):
    """One client's binds, until it goes or says something else."""

    server: _Server
    connection: socket.socket
    timeout = ANSWER_SECONDS

    def handle(self) -> None:
        try:
            while message := self._message():
                bind = ldap_messages.bind_of(message)
                try:
                    opened = self.server.opens(bind.name, bind.password)
                except Exception:
                    self.wfile.write(ldap_messages.answer_to(bind, ldap_messages.UNAVAILABLE))
                    raise
                result = ldap_messages.SUCCESS if opened else ldap_messages.INVALID_CREDENTIALS
                self.wfile.write(ldap_messages.answer_to(bind, result))
        except (LdapError, OSError) as error:
            log.debug("A database login ended: %s", error)

    def _message(self) -> bytes:
        """The next message's content; nothing when there is none any more."""
        start = self.rfile.read(2)
        if len(start) < 2 or start[0] != ldap_messages.SEQUENCE:
            return b""
        following = self.rfile.read(ldap_messages.length_bytes(start[1]))
        length = ldap_messages.length_of(start[1], following)
        if length > MESSAGE_LIMIT:
            raise LdapError(f"a message of {length} bytes")
        content = self.rfile.read(length)
        return content if len(content) == length else b""
