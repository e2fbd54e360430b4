"""What the demo shows of the payments it sent: the ledger, the sessions, the published events, the refusals."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table

from local_aws.demo.payments import Outcome, summary
from local_aws.event_consumer import EventConsumer
from local_aws.ledger_view import LedgerView


def show_answers(console: Console, outcomes: list[Outcome]) -> None:
    """How many payments had which outcome, and one answer of each kind."""
    table = _table(f"{len(outcomes)} payments were sent", "outcome", "payments")
    for kind, number in summary(outcomes):
        table.add_row(kind, str(number))
    console.print(table)
    shown = {outcome.kind: outcome for outcome in reversed(outcomes) if outcome.answer}
    for kind in sorted(shown):
        answer = shown[kind].answer
        assert answer
        console.print(f"{kind}, for example: {json.dumps(answer.body)}", markup=False, highlight=False, soft_wrap=True)


def show_ledger(console: Console, ledger: LedgerView) -> bool:
    """The booked amounts by currency and the payments by status; whether the ledger balances."""
    table = _table("The ledger", "currency", "payments", "debits", "credits", "balance")
    balances = ledger.balances()
    for currency, payments, debits, credits in balances:
        table.add_row(
            currency, str(payments), f"{debits.normalize():f}", f"{credits.normalize():f}", _sign(debits - credits)
        )
    console.print(table)
    statuses = ", ".join(f"{number} {status}" for status, number in ledger.statuses().items())
    text = f"payments in the ledger: {statuses}; events that wait in the outbox: {ledger.unpublished()}"
    console.print(text, highlight=False, soft_wrap=True)
    return all(debits == credits for _, _, debits, credits in balances)


def show_sessions(console: Console, dynamodb: Any, table_name: str) -> None:
    """The sessions by status, as DynamoDB has them."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table_name)
    items = [item for page in pages for item in page["Items"] if "status" in item]
    statuses = Counter(item["status"]["S"] for item in items)
    text = ", ".join(f"{number} {status}" for status, number in sorted(statuses.items()))
    console.print(f"sessions in DynamoDB: {text}")


def show_events(console: Console, consumer: EventConsumer) -> None:
    """The events that a consumer of the bus saw, and one of them."""
    table = _table("Events on the bus, as a consumer sees them", "detail type", "events")
    for detail_type, number in sorted(Counter(event["detail-type"] for event in consumer.events.values()).items()):
        table.add_row(detail_type, str(number))
    console.print(table)
    example = json.dumps(next(iter(consumer.events.values()))["detail"])
    console.print(f"for example: {example}", markup=False, highlight=False, soft_wrap=True)


def _sign(difference: Any) -> str:
    return "balanced" if not difference else f"OFF BY {difference}"


def _table(title: str, first: str, *numbers: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right")
    return table
