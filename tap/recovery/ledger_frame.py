"""What is done around every change of the ledger to what it was: writers stopped, all kept, compared, and started."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tap.recovery.archived_events import ArchivedEvents
from tap.recovery.journal import Journal
from tap.recovery.plan import Step
from tap.recovery.procedure import Action, Tell
from tap.recovery.reconcile import reconcile
from tap.recovery.session_expiry import expire_sessions
from tap.recovery.site import Site
from tap.recovery.verification import verify
from tap.recovery.witness import take_witness
from tap.recovery.writers import Writers

REFUSED = ("stop-writers", "start-writers")


def framed(*middle: Step, suffix: str, moment: str) -> tuple[Step, ...]:
    """The steps of a rewind of the ledger to `moment`, with those that change it in the middle."""
    return (
        Step(
            "stop-writers",
            f"set the switch /payment/{suffix}/payments/writes to stopped: payments get 503 with Retry-After, and "
            "messages stay in their queues; wait until nothing that was begun still writes",
        ),
        Step("drain-outbox", "publish the events that wait in the outbox, so that bus and archive have all of them"),
        Step("witness", f"keep what the ledger holds since {moment}, a minute earlier on: payments and outbox events"),
        *middle,
        Step("check-ledger", "check the ledger as it is now: debits and credits, entries and payments, the outbox"),
        Step("expire-sessions", f"expire the sessions written since {moment}, so that none says what no longer is"),
        Step(
            "reconcile",
            "hold what was kept, the bus's archive (replayed to a queue of its own) and the sessions against the "
            "ledger; write every difference to reconciliation.csv and .json",
        ),
        Step("start-writers", "set the switch to open: payments are taken again within 5 seconds"),
        Step("verify", "check the service and the ledger"),
    )


def check_frame(site: Site) -> None:
    """Raises `EnvironmentNotFoundError` where the switch, the function or the queue are not deployed."""
    Writers(site, lambda _: None).check_switch()
    ArchivedEvents(site).check()


def frame_actions(
    site: Site, journal: Journal, tell: Tell, moment: datetime, settle_seconds: float
) -> Mapping[str, Action]:
    """The actions of the steps around the middle."""
    writers = Writers(site, tell, settle_seconds)
    return {
        "stop-writers": writers.stop,
        "drain-outbox": lambda: drain(site, tell),
        "witness": lambda: take_witness(site, journal, moment, tell),
        "check-ledger": lambda: site.function.ask_until("check-ledger", strict=True),
        "expire-sessions": lambda: expire_sessions(site, journal, moment, tell),
        "reconcile": lambda: reconcile(site, journal, moment, tell),
        "start-writers": writers.start,
        "verify": lambda: verify(site),
    }


def drain(site: Site, tell: Tell) -> dict[str, int]:
    """Publishes what waits in the outbox. What the bus does not take stays, and is among the differences."""
    published = 0
    while True:
        answer = site.function.ask("drain-outbox")
        published += answer["published"]
        if not answer["left"] or not answer["published"]:
            break
    if answer["left"]:
        tell(f"{answer['left']} events were not taken by the bus and stay in the outbox")
    return {"published": published, "left": answer["left"]}
