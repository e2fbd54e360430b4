"""Waiting for Aurora's clusters and instances."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from tap.recovery.errors import RecoveryFailedError
from tap.recovery.procedure import Tell
from tap.recovery.site import Site

POLL_SECONDS = 1.0
PATIENCE_SECONDS = 4 * 3600.0
"""A restore takes as long as there is data."""
TELL_SECONDS = 30.0
# Codes of refusals that end by themselves.
BUSY = ("InvalidDBInstanceState", "InvalidDBClusterStateFault", "InvalidDBInstanceStateFault")
BUSY_SECONDS = 900.0
# States that no cluster or instance leaves by itself.
STUCK = ("failed", "incompatible-parameters", "incompatible-network", "inaccessible-encryption-credentials")


def wait_for(
    what: str, look: Callable[[], str | None], tell: Tell, *, wanted: str = "available", stuck: tuple[str, ...] = STUCK
) -> None:
    """Returns once `look` gives the wanted state. Raises `RecoveryFailedError` for one that it will not leave."""
    began = told = time.monotonic()
    while (state := look()) != wanted:
        now = time.monotonic()
        if state in stuck:
            raise RecoveryFailedError(f"{what} is {state}; look at its events in RDS")
        if now - began > PATIENCE_SECONDS:
            raise RecoveryFailedError(f"{what} is {state or 'not there'} after {PATIENCE_SECONDS:.0f} s; resume later")
        if now - told > TELL_SECONDS:
            tell(f"{what} is {state or 'not there yet'}, since {now - began:.0f} s")
            told = now
        time.sleep(POLL_SECONDS)


def wait_for_cluster(site: Site, identifier: str, tell: Tell) -> None:
    """Returns once the cluster and each of its instances are available. Raises `RecoveryFailedError`."""

    def cluster() -> str | None:
        found = site.find_cluster(identifier)
        return found["Status"] if found else None

    wait_for(f"cluster {identifier}", cluster, tell)
    for member in site.cluster(identifier)["DBClusterMembers"]:
        wait_for_instance(site, member["DBInstanceIdentifier"], tell)


def wait_for_instance(site: Site, identifier: str, tell: Tell) -> None:
    """Returns once the instance is available. Raises `RecoveryFailedError`."""

    def instance() -> str | None:
        found = find_instance(site, identifier)
        return found["DBInstanceStatus"] if found else None

    wait_for(f"instance {identifier}", instance, tell)


def find_instance(site: Site, identifier: str) -> dict[str, Any] | None:
    """An instance as RDS describes it, None if there is none."""
    rds = site.client("rds")
    try:
        (found,) = rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    except rds.exceptions.DBInstanceNotFoundFault:
        return None
    return dict(found)


def once_possible(call: Callable[..., Any], **parameters: Any) -> Any:
    """The answer to a change that RDS refuses as long as another is under way.

    For a moment after a change was asked for, states still say `available`. Raises botocore's errors.
    """
    tries = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, ClientError) and _code(error) in BUSY),
        wait=wait_fixed(POLL_SECONDS),
        stop=stop_after_delay(BUSY_SECONDS),
        reraise=True,
    )
    return tries(call, **parameters)


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
