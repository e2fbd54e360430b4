"""Which capacity provider a task runs on.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def next_provider(strategy: Sequence[Mapping[str, Any]], running: Iterable[str]) -> str:
    """The provider for one more task: bases first, then by weight. Empty without a strategy."""
    held = Counter(running)
    for item in strategy:
        if held[item["capacityProvider"]] < int(item.get("base") or 0):
            return str(item["capacityProvider"])
    weighted = [item for item in strategy if int(item.get("weight") or 0)]
    if not weighted:
        return str(strategy[0]["capacityProvider"]) if strategy else ""

    def load(item: Mapping[str, Any]) -> float:
        beyond = held[item["capacityProvider"]] - int(item.get("base") or 0)
        return (beyond + 1) / int(item["weight"])

    return str(min(weighted, key=load)["capacityProvider"])
