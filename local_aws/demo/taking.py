"""The demo takes payments, decides those that wait for approval, and shows what became of all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from local_aws.demo.outcome import show_answers, show_events, show_ledger, show_sessions
from local_aws.demo.payments import payment_event, planned_payments, send_all, unexpected
from local_aws.demo.stage import DemoError, Site
from local_aws.event_consumer import EventConsumer
from local_aws.ledger_view import LedgerView
from tap.approvals import Approvals
from tap.environment import Environment
from tap.payment_client import PaymentClient

APPROVAL_THRESHOLD = 10_000
HealthCheck = tuple[str, bool, int]
"""A path, whether the request is signed, and the status of the answer."""
CLOSED_HEALTH: tuple[HealthCheck, ...] = (("/health", True, 200), ("/health/deep", True, 200), ("/health", False, 403))


def take_payments(site: Site, health: Sequence[HealthCheck] = CLOSED_HEALTH, *, approvals: bool = True) -> list[str]:
    """Send a hundred payments to one Region; the ids of those that are in its ledger. Raises DemoError.

    `approvals` says whether a person is asked about large ones.
    """
    api, bus = site.api(), site.outputs["event_bus_name"]
    events, ledger = site.client("events"), site.ledger()
    check_health(site, api, health)
    console, endpoint_url = site.stage.console, site.stage.aws.endpoint_url
    with EventConsumer.subscribed(site.session, endpoint_url, bus=bus, name="demo-consumer") as consumer:
        outcomes = list(
            send_all(
                planned_payments(APPROVAL_THRESHOLD, approved=approvals),
                api,
                lambda document: events.put_events(Entries=[payment_event(bus, document)]),
            )
        )
        show_answers(console, outcomes)
        if faults := unexpected(outcomes):
            raise DemoError("; ".join(faults))
        if approvals:
            _decide_approvals(site, api)
        own = {outcome.planned.document["payment_id"] for outcome in outcomes if outcome.planned.status < 400}
        site.stage.wait_for("every event has been published", lambda: _all_published(ledger, consumer, own))
        balanced = show_ledger(console, ledger)
        show_events(console, consumer)
    show_sessions(console, site.client("dynamodb"), site.outputs["sessions_table_name"])
    if not balanced:
        raise DemoError("the ledger does not balance")
    return sorted(own)


def check_health(site: Site, api: PaymentClient, checks: Sequence[HealthCheck]) -> None:
    """Ask for the API's health. Raises DemoError if an answer is another one."""
    for path, signed, expected in checks:
        answer = api.send("GET", path, signed=signed)
        site.stage.say(f"GET {path}{'' if signed else ', not signed'} -> {answer.status} {json.dumps(answer.body)}")
        if answer.status != expected:
            raise DemoError(f"GET {path} answered {answer.status} instead of {expected}")


def _decide_approvals(site: Site, api: PaymentClient) -> None:
    """A person approves the first payment that waits and refuses the second."""
    deployment, stage = site.stage.deployment, site.stage
    approvals = Approvals(Environment(deployment.settings.environment_suffix, deployment.account))
    stage.wait_for("two payments wait for a person", lambda: sum(one.asked for one in approvals.pending()) == 2)
    waiting = sorted(one.payment_id for one in approvals.pending())
    for payment_id, approved in zip(waiting, (True, False), strict=True):
        approvals.decide(payment_id, approved=approved, approver="demo")
        expected = 200 if approved else 409
        path = f"/payments/{payment_id}"
        stage.wait_for(f"{payment_id} is decided", lambda: api.send("GET", path).status == expected)  # noqa: B023
        answer = api.send("GET", path)
        stage.say(f"{'approved' if approved else 'refused'}: GET {path} -> {answer.status} {json.dumps(answer.body)}")


def _all_published(ledger: LedgerView, consumer: EventConsumer, payments: set[str]) -> bool:
    consumer.receive()
    decided = {event["detail"]["payment_id"] for event in consumer.events.values()}
    return decided >= payments and ledger.unpublished() == 0
