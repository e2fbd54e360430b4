"""What the ledger held of the span that is to be rewound: the measure for what comes after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tap.recovery.journal import Journal
from tap.recovery.procedure import Tell
from tap.recovery.site import Site

# A payment has the time of its statement, and is there from its commit on, up to 30 s later; clocks differ as well.
MARGIN = timedelta(seconds=60)
PAYMENTS, EVENTS = "witness.jsonl", "outbox-before.jsonl"


def since(moment: datetime) -> str:
    """The begin of what the rewind to `moment` may touch, in UTC."""
    return (moment - MARGIN).astimezone(UTC).isoformat(timespec="seconds")


def take_witness(site: Site, journal: Journal, moment: datetime, tell: Tell) -> dict[str, Any]:
    """Keeps the payments and the outbox's events of the span in the journal's folder."""
    counts = {}
    for task, items, name in (("witness", "payments", PAYMENTS), ("outbox-events", "events", EVENTS)):
        journal.forget(name)
        count = 0
        for page in site.function.pages(task, items, since=since(moment)):
            count += journal.append(name, page)
        tell(f"{count} {items} since {since(moment)} kept in {journal.folder / name}")
        counts[items] = count
    return counts
