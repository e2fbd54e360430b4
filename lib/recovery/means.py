"""What the state machines of recoveries work with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.encryption import Key
from lib.iam import Statement
from lib.region import Region


@dataclass(frozen=True, kw_only=True)
class Means:
    """The function whose tasks they call, the topic that they tell, and the key of what they keep."""

    key: Key
    function_arn: str
    function_access: Sequence[Statement]
    topic_arn: str
    topic_access: Sequence[Statement]

    @property
    def access(self) -> Mapping[str, Sequence[Statement]]:
        """What an execution may do, by concern."""
        return {"function": self.function_access, "notices": self.topic_access}


def place(region: Region) -> str:
    """Return what notices call the environment in this Region."""
    return f"payment environment {region.settings.environment_suffix} in {region.name}"
