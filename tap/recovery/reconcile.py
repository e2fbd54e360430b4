"""Reconciling as a step of a recovery: gathers what is known, asks the ledger, writes every difference to files."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

from tap.expiry.clock import aws_time
from tap.recovery.archived_events import ARCHIVE, ArchivedEvents
from tap.recovery.journal import Journal, write_whole
from tap.recovery.procedure import Tell
from tap.recovery.reconciliation import Difference, EventDifference, differences, event_differences, knowledge
from tap.recovery.session_expiry import SESSIONS
from tap.recovery.site import Site
from tap.recovery.witness import EVENTS, MARGIN, PAYMENTS, since

ASKED_AT_ONCE = 1000
# An event of this type starts the approval workflow.
WORKFLOWS = ("Payment Approval Requested",)
FILES = ("reconciliation.json", "reconciliation.csv")
COLUMNS = ("payment_id", "known_from", "amount", "currency", "status_before", "status_now")


def reconcile(site: Site, journal: Journal, moment: datetime, tell: Tell) -> dict[str, Any]:
    """Writes reconciliation.json and .csv; returns their summary.

    Events that were published in the last minutes may not be in the archive yet; the ledger's own witness has their
    payments. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html
    """
    now = aws_time(site.environment.account) + timedelta(seconds=1)
    archived = ArchivedEvents(site).keep(journal, moment - MARGIN, now, tell)
    known = knowledge(journal.rows(PAYMENTS), journal.rows(ARCHIVE), journal.rows(SESSIONS))
    ledger = find_payments(site, sorted(known))
    events = [row for page in site.function.pages("outbox-events", "events", since=since(moment)) for row in page]
    found = differences(known, ledger)
    unmatched = event_differences(journal.rows(EVENTS), events, journal.rows(ARCHIVE), workflows=WORKFLOWS)
    summary = _summary(found, unmatched, known=len(known), archived=archived)
    _write(journal, summary, found, unmatched)
    tell(f"{len(found)} of {len(known)} payments differ; see {journal.folder / FILES[1]}")
    return summary


def find_payments(site: Site, payment_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the ledger has of these payments now, by id."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(payment_ids), ASKED_AT_ONCE):
        asked = payment_ids[start : start + ASKED_AT_ONCE]
        found |= site.function.ask("find-payments", payment_ids=list(asked))["payments"]
    return found


def _summary(
    found: Sequence[Difference], unmatched: Sequence[EventDifference], *, known: int, archived: int
) -> dict[str, Any]:
    amounts: Counter[str] = Counter()
    for one in found:
        if one.amount and one.currency:
            amounts[one.currency] += Decimal(one.amount)  # type: ignore[assignment]
    changes = Counter(f"{one.status_before} -> {one.status_now or 'absent'}" for one in found)
    return {
        "payments_known": known,
        "differences": len(found),
        "absent": sum(one.status_now is None for one in found),
        "by_change": dict(changes),
        "amounts": {currency: str(amount) for currency, amount in sorted(amounts.items())},
        "archived_events": archived,
        "events_not_in_archive": sum(not one.in_archive for one in unmatched),
        "events_not_in_outbox": sum(one.in_archive for one in unmatched),
        "files": list(FILES),
    }


def _write(
    journal: Journal, summary: dict[str, Any], found: Sequence[Difference], unmatched: Iterable[EventDifference]
) -> None:
    document = {
        "summary": summary,
        "payments": [one.as_json() for one in found],
        "events": [one.as_json() for one in unmatched],
    }
    write_whole(journal.folder / FILES[0], json.dumps(document, indent=2) + "\n")
    table = StringIO()
    writer = csv.DictWriter(table, COLUMNS)
    writer.writeheader()
    for one in found:
        writer.writerow({**one.as_json(), "known_from": " ".join(one.known_from)})
    write_whole(journal.folder / FILES[1], table.getvalue())
