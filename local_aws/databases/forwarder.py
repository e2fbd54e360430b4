"""The process that the endpoints of clusters and proxies lead through: python -m local_aws.databases.forwarder.

Lines of JSON on standard input say what to listen on and where it leads. It ends when that closes.
"""

import asyncio
import json
import sys
from typing import Any

from local_aws.databases.front import Front
from local_aws.databases.logins import Logins
from local_aws.databases.splice import Splices

LINE_LIMIT = 2**20


class Endpoints:
    """All addresses that are listened on."""

    def __init__(self, logins: Logins) -> None:
        self._logins = logins
        self._served: dict[tuple[str, int], Splices | Front] = {}

    async def lead(self, address: str, port: int, targets: list[list[Any]], front: dict[str, str] | None) -> None:
        """Makes an endpoint lead to these targets; without targets, and without a front, nothing listens there."""
        where, wanted = (address, port), [(str(host), int(number)) for host, number in targets]
        served = self._served.get(where)
        if not wanted and front is None:
            if served:
                self._served.pop(where).close()
        elif served:
            served.lead_to(wanted)
        else:
            made = Front(front, wanted, self._logins) if front else Splices(wanted)
            await made.listen(address, port)
            self._served[where] = made


async def main() -> None:
    """Follows the lines on standard input and answers each on standard output."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=LINE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    logins = Logins(_say)
    endpoints = Endpoints(logins)
    while line := await lines.readline():
        message = json.loads(line)
        if "login" in message:
            logins.answered(message)
            continue
        try:
            await endpoints.lead(message["address"], message["port"], message["targets"], message["front"])
            _say({"done": message["number"], "error": None})
        except (OSError, ValueError) as error:
            _say({"done": message["number"], "error": str(error)})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
