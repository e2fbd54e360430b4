"""Work that goes on after the answer, as in AWS: a cluster shows what is being done to it."""

import logging
from collections.abc import Callable
from threading import Thread
from typing import Any

log = logging.getLogger(__name__)


def status_of(cluster: Any) -> str | None:
    """What is being done to a cluster now, as its status; None if that is nothing."""
    status: str | None = vars(cluster).get("local_status")
    return status


def start(name: str, work: Callable[[], None], ended: Callable[[bool], None]) -> None:
    """Does work of this name, and then tells whether it has succeeded."""

    def run() -> None:
        succeeded = False
        try:
            work()
            succeeded = True
        except Exception:
            log.exception("%s failed", name)
        finally:
            ended(succeeded)

    Thread(target=run, daemon=True, name=name).start()


def work_on(cluster: Any, status: str, work: Callable[[], None], ended: Callable[[bool], None] | None = None) -> None:
    """Works on a cluster, which has this status for as long, unless other work begins meanwhile."""
    latest = object()

    def end(succeeded: bool) -> None:
        if ended:
            ended(succeeded)
        if cluster.local_work is latest:
            cluster.local_status = None

    cluster.local_work, cluster.local_status = latest, status
    start(f"{cluster.arn}: {status}", work, end)
