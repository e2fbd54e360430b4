"""What is tried again: what AWS refuses at first and takes a moment later."""

from __future__ import annotations

import re
import threading

from botocore.exceptions import ClientError, HTTPClientError
from tenacity import Retrying, retry_if_exception, sleep_using_event, stop_any, stop_before_delay, stop_when_event_set
from tenacity.wait import wait_random_exponential

from tap.removal.remover import StillInUseError, is_gone

FIRST_WAIT, LONGEST_WAIT = 0.25, 10.0
"""Seconds between two tries: at random, up to twice as long each time."""

PASSING = re.compile(
    # Somebody else uses it, or is about to let go of it.
    r"DependencyViolation|InUse|DeleteConflict|HasDependents|NotEmpty|^ClusterContains|WAFAssociatedItem"
    # It, or what it belongs to, is on its way from one state to another.
    r"|State(Fault|Exception)?$|NotReady|OperationAborted|PriorRequestNotComplete|ConcurrentModification|^Conflict"
    r"|ResourceConflict|UpdateInProgress|WAFOptimisticLock|WAFUnavailableEntity"
    # Too much at once, or a fault of the service's own.
    r"|Throttl|TooManyRequests|RequestLimitExceeded|LimitExceededException|SlowDown"
    r"|InternalError|InternalFailure|InternalServer|InternalService|ServiceUnavailable|ServiceException|^50\d$"
)
"""Codes of AWS's errors after which the same call can succeed."""

NOT_EMPTY = re.compile(r"recovery point|not empty|mapping", re.IGNORECASE)
"""What messages say where the code is a general one: a backup vault, an API that a domain name still maps to."""


def may_pass(error: BaseException) -> bool:
    """Whether the same removal can succeed in a moment.

    What disappears while it is removed is read again: the resource itself, or something beside it, may be what is gone.
    """
    if isinstance(error, ClientError):
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        general = code in ("InvalidRequestException", "BadRequestException")
        return bool(PASSING.search(code)) or is_gone(error) or (general and bool(NOT_EMPTY.search(message)))
    return isinstance(error, StillInUseError | HTTPClientError)


def retrying(seconds: float, stop: threading.Event, **more: object) -> Retrying:
    """Tries again what may pass, for at most `seconds`, and not once `stop` is set."""
    settings: dict[str, object] = {"retry": retry_if_exception(may_pass), "reraise": True, **more}
    return Retrying(
        wait=wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT),
        stop=stop_any(stop_before_delay(max(seconds, 0)), stop_when_event_set(stop)),
        sleep=sleep_using_event(stop),
        **settings,  # type: ignore[arg-type]
    )
