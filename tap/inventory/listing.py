"""Calls that list something: complete, or an error that names the call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from tap.account import Account
from tap.inventory.errors import InventoryError

# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html: what counts as throttling.
THROTTLING = frozenset(
    {
        "LimitExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
ATTEMPTS = 6
"""Of one page, each with botocore's own three inside."""
LONGEST_PAUSE = 8.0
"""Seconds between two attempts."""

THREADS = 8
"""Calls at a time: fewer than an account's connections (`tap.account.CALL_LIMITS`) and than AWS throttles."""

T = TypeVar("T")


@contextmanager
def asking(call: str, place: str) -> Iterator[None]:
    """Turn a failure of AWS into an `InventoryError` that names the call; missing credentials stay what they are."""
    try:
        yield
    except NoCredentialsError:
        raise
    except (ClientError, BotoCoreError) as error:
        raise InventoryError(f"{call} {place} failed, so nothing was concluded: {error}") from error


def is_throttled(error: BaseException) -> bool:
    """Whether AWS asks for fewer calls."""
    return isinstance(error, ClientError) and error.response["Error"]["Code"] in THROTTLING


# What services answer credentials that may not ask there: by a policy, or in a Region that the account has not enabled.
# https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
_REFUSED = re.compile(r"^AccessDenied|^Unauthorized|UnrecognizedClient|InvalidClientTokenId|AuthFailure|OptInRequired")


def is_refused(error: BaseException | None) -> bool:
    """Whether AWS does not let these credentials ask."""
    return isinstance(error, ClientError) and bool(_REFUSED.search(error.response["Error"]["Code"]))


def patiently(function: Callable[[], T]) -> T:
    """The answer of a call, which is repeated as long as AWS throttles it, up to a limit."""
    retrying = Retrying(
        retry=retry_if_exception(is_throttled),
        wait=wait_random_exponential(multiplier=0.2, max=LONGEST_PAUSE),
        stop=stop_after_attempt(ATTEMPTS),
        reraise=True,
    )
    return retrying(function)


def listed(
    account: Account,
    service: str,
    operation: str,
    output: str,
    *,
    region: str | None = None,
    none_if_gone: bool = False,
    **parameters: object,
) -> list[Any]:
    """All entries of `output` on all pages of a listing.

    `none_if_gone`: what is listed is part of something, and there are no entries where that does not exist.
    Raises `InventoryError`.
    """
    client = account.client(service, region)
    call = f"{service}.{client.meta.method_to_api_mapping[operation]}"

    def read() -> list[Any]:
        if not client.can_paginate(operation):
            return list(_by_token(getattr(client, operation), output, parameters))
        pages = client.get_paginator(operation).paginate(**parameters)
        return [entry for page in pages for entry in page.get(output) or ()]

    try:
        with asking(call, f"in {region or account.region}"):
            return patiently(read)
    except InventoryError as error:
        if none_if_gone and is_gone(error.__cause__):
            return []
        raise


def _by_token(method: Callable[..., Any], output: str, parameters: dict[str, object]) -> Iterator[Any]:
    """For operations that botocore has no paginator for, though AWS answers in pages."""
    token: str | None = None
    while True:
        page = method(**parameters, **({"NextToken": token} if token else {}))
        yield from page.get(output) or ()
        token = page.get("NextToken")
        if not token:
            return


# What AWS's services call a thing that is not there: InvalidVpcID.NotFound, NoSuchEntity, QueueDoesNotExist ...
_GONE = re.compile(r"NotFound|NoSuch(?!Bucket$)|Non[eE]xistent|DoesNotExist|^404$")


def exists(account: Account, service: str, operation: str, *, region: str | None = None, **named: object) -> Any:
    """The answer of a call that describes one thing; None if there is no such thing.

    Raises `InventoryError` if AWS answers neither.
    """
    client = account.client(service, region)
    call = f"{service}.{client.meta.method_to_api_mapping[operation]}"
    try:
        with asking(call, f"of {', '.join(map(str, named.values()))} in {region or account.region}"):
            return patiently(lambda: getattr(client, operation)(**named))
    except InventoryError as error:
        if is_gone(error.__cause__):
            return None
        raise


def is_gone(error: BaseException | None) -> bool:
    """Whether AWS says that there is no such thing."""
    return isinstance(error, ClientError) and bool(_GONE.search(error.response["Error"]["Code"]))


def at_once(tasks: Iterable[Callable[[], T]]) -> list[T]:
    """The results of all tasks, in their order, several running at a time.

    Raises what the first one that fails raises, after those that have begun have ended.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(task) for task in tasks]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            raise


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items, `size` at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))
