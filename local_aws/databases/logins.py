"""Logins at the fronts of proxies, which the local AWS decides: it alone has the keys and the secrets."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any


class Logins:
    """Questions to the local AWS that wait for their answer. `say` sends one."""

    def __init__(self, say: Callable[[dict[str, Any]], None]) -> None:
        self._say = say
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, str]]] = {}

    async def ask(self, question: dict[str, str]) -> dict[str, str]:
        """The answer: with `password`, the one to log in at the database with; `need`, what is to be sent instead;
        or `refused`, why not."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._say({"login": number, "question": question})
            return await self._waiting[number]
        finally:
            del self._waiting[number]

    def answered(self, message: dict[str, Any]) -> None:
        """An answer has arrived."""
        waiting = self._waiting.get(message["login"])
        if waiting and not waiting.done():
            waiting.set_result(message["answer"])
