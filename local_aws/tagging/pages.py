"""Pages of a long answer: everything is gathered for the first page, the others are slices of it."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from local_aws.errors import AwsError

SECONDS = 15 * 60
"""How long a token is valid (https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html)."""

HELD = 20
"""Answers held at most. The oldest goes first; one whose last page was read goes at once."""

Fits = Callable[[list[Any], Any], bool]
"""Whether one more item fits onto a page."""


class Pages:
    """Answers that are still being read."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[float, list[Any]]] = {}

    def first(self, items: list[Any], fits: Fits) -> tuple[list[Any], str]:
        """The first page, and the token of the next; an empty one where there is none."""
        identity = uuid4().hex
        self._held[identity] = (time.monotonic(), items)
        for oldest in list(self._held)[:-HELD]:
            del self._held[oldest]
        return self._page(identity, 0, fits)

    def following(self, token: str, fits: Fits) -> tuple[list[Any], str]:
        """The page of a token, and the next token.

        Raises AwsError for a token that was never given or has expired.
        """
        identity, _, offset = token.partition(".")
        made, _ = self._held.get(identity, (0.0, None))
        if not made or not offset.isdigit() or time.monotonic() - made > SECONDS:
            self._held.pop(identity, None)
            raise AwsError("PaginationTokenExpiredException", "Specified pagination token has expired or is invalid")
        return self._page(identity, int(offset), fits)

    def _page(self, identity: str, offset: int, fits: Fits) -> tuple[list[Any], str]:
        items = self._held[identity][1]
        page: list[Any] = []
        end = offset
        while end < len(items) and fits(page, items[end]):
            page.append(items[end])
            end += 1
        if end < len(items):
            return page, f"{identity}.{end}"
        del self._held[identity]
        return page, ""
