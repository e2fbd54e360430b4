"""Waiting within one invocation, for what AWS does in its own time."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from botocore.config import Config

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

CALLS = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 5})
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 10.0
# Kept of the invocation's time to answer in.
SPARE_SECONDS = 20

Found = TypeVar("Found")


class DeploymentError(Exception):
    """What was to be deployed is not, or not yet; the message says why and what to do."""


def wait(look: Callable[[], Found | None], context: "LambdaContext") -> Found | None:
    """What `look` finds, looking less and less often; None when the invocation's time is over."""
    pause = FIRST_PAUSE_SECONDS
    while (found := look()) is None:
        if context.get_remaining_time_in_millis() / 1000 < pause + SPARE_SECONDS:
            return None
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
    return found
