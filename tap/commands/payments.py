"""`tap pay` and `tap payment`: send a payment, look one up."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Annotated

import typer

from tap.commands.exit_codes import ExitCode
from tap.commands.options import AsJson, Local, Region, Suffix
from tap.commands.output import note, print_fields, print_json
from tap.environment import Environment
from tap.payment_client import Answer
from tap.payment_sending import ATTEMPTS, Attempt, NoAnswerError, find_payment, send_payment

app = typer.Typer(help="Look at payments.", no_args_is_help=True)


def pay(
    amount: Annotated[str, typer.Option(help="Decimal number, such as 12.50.")],
    currency: Annotated[str, typer.Option(help="ISO 4217 code, such as EUR.")],
    payer: Annotated[str, typer.Option(help="Account that pays.")],
    payee: Annotated[str, typer.Option(help="Account that is paid.")],
    payment_id: Annotated[str | None, typer.Option(help="Its id; made if left out.", show_default=False)] = None,
    session_id: Annotated[
        str | None, typer.Option(help="Its session; the payment id if left out.", show_default=False)
    ] = None,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Send one payment, signed, and print the answer.

    Its id is printed before it is sent: the same command with --payment-id is safe to repeat, also after an
    interruption, and gets the same answer. Network errors and faults of the server are retried by themselves.
    """
    client = Environment.find(suffix=suffix, region=region, local=local).payment_client()
    if payment_id is None:
        payment_id = str(uuid.uuid4())
    note(f"payment id: {payment_id}")
    payment = {
        "payment_id": payment_id,
        "amount": amount,
        "currency": currency,
        "payer_account": payer,
        "payee_account": payee,
    }
    if session_id is not None:
        payment["session_id"] = session_id
    repeat = f"it may have been taken; repeating the command with --payment-id {payment_id} is safe"

    def tell(attempt: Attempt) -> None:
        note(f"attempt {attempt.number} of {ATTEMPTS}: {attempt.reason}; sending the same payment again")

    try:
        answer = send_payment(client, payment, on_retry=tell)
    except NoAnswerError as error:
        raise NoAnswerError(f"no answer to payment {payment_id!r}: {error}; {repeat}") from error
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        note(f"no valid answer after {ATTEMPTS} attempts: {repeat}")
    _show(payment_id, answer, as_json)


@app.command()
def show(
    payment_id: Annotated[str, typer.Argument(help="The id it was sent with.", show_default=False)],
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Look a payment up."""
    client = Environment.find(suffix=suffix, region=region, local=local).payment_client()
    _show(payment_id, find_payment(client, payment_id), as_json)


def _show(payment_id: str, answer: Answer, as_json: bool) -> None:
    """Prints the answer; exits with `ExitCode.FAILED` unless the payment was taken or waits for approval."""
    if answer.status == HTTPStatus.FORBIDDEN:
        note("403: these credentials may not call this API (execute-api:Invoke), or this computer's clock is wrong")
    if as_json:
        print_json({"payment_id": payment_id, "http_status": answer.status, "answer": answer.body})
    else:
        body = answer.body if isinstance(answer.body, dict) else {"answer": answer.body}
        print_fields({"http_status": answer.status, **body})
    if answer.status not in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
        raise typer.Exit(ExitCode.FAILED)
