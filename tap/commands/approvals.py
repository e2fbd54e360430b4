"""`tap approvals`: payments that wait for a person."""

from __future__ import annotations

import time
from datetime import UTC
from http import HTTPStatus
from typing import Annotated

import typer

from tap.approvals import Approvals
from tap.commands.exit_codes import ExitCode
from tap.commands.options import AsJson, Local, Region, Suffix, Wait
from tap.commands.output import note, print_fields, print_json, print_table
from tap.environment import Environment
from tap.payment_client import Answer, PaymentClient
from tap.payment_sending import find_payment

POLL_SECONDS = 1.0

app = typer.Typer(help="Payments that wait for approval by a person.", no_args_is_help=True)

PaymentId = Annotated[str, typer.Argument(help="The payment's id.", show_default=False)]
Approver = Annotated[
    str | None, typer.Option(help="Who decides; the caller's own name in AWS without it.", show_default=False)
]


@app.command(name="list")
def list_(suffix: Suffix = None, region: Region = None, local: Local = False, as_json: AsJson = False) -> None:
    """List what is pending, oldest first."""
    pending = Approvals(Environment.find(suffix=suffix, region=region, local=local)).pending()
    rows = [
        {
            "payment_id": approval.payment_id,
            "amount": approval.amount,
            "currency": approval.currency,
            "since": approval.started_at.astimezone(UTC).isoformat(timespec="seconds"),
            "waits_for_a_person": approval.asked,
        }
        for approval in pending
    ]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows[0].keys(), (row.values() for row in rows))
    else:
        note("no payment waits for approval")


@app.command()
def approve(
    payment_id: PaymentId,
    approver: Approver = None,
    wait: Wait = 30,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Approve a payment: it is charged then."""
    environment = Environment.find(suffix=suffix, region=region, local=local)
    _decide(environment, payment_id, approved=True, approver=approver, wait=wait, as_json=as_json)


@app.command()
def refuse(
    payment_id: PaymentId,
    approver: Approver = None,
    wait: Wait = 30,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Refuse a payment: it is rejected then, and nothing is charged."""
    environment = Environment.find(suffix=suffix, region=region, local=local)
    _decide(environment, payment_id, approved=False, approver=approver, wait=wait, as_json=as_json)


def _decide(
    environment: Environment, payment_id: str, *, approved: bool, approver: str | None, wait: float, as_json: bool
) -> None:
    approvals = Approvals(environment)
    name = approver or approvals.caller()
    approvals.decide(payment_id, approved=approved, approver=name)
    decision = "approved" if approved else "refused"
    note(f"payment {payment_id} {decision} by {name}")
    answer = _outcome(environment.payment_client(), payment_id, wait)
    result = {
        "payment_id": payment_id,
        "decision": decision,
        "approver": name,
        "http_status": answer.status,
        "answer": answer.body,
    }
    if as_json:
        print_json(result)
    else:
        print_fields(result)
    if answer.status == HTTPStatus.ACCEPTED:
        note(f"the workflow has not ended after {wait:g} s; look again with `tap payment show {payment_id}`")
    if answer.status != (HTTPStatus.OK if approved else HTTPStatus.CONFLICT):
        raise typer.Exit(ExitCode.FAILED)


def _outcome(client: PaymentClient, payment_id: str, seconds: float) -> Answer:
    """What the API answers once the payment is no longer pending, or when the time is up."""
    deadline = time.monotonic() + seconds
    while (answer := find_payment(client, payment_id)).status == HTTPStatus.ACCEPTED and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return answer
