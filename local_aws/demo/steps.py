"""The steps of the demo, each timed, on one environment."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from local_aws.demo.outcome import show_answers, show_events, show_ledger, show_sessions
from local_aws.demo.payments import payment_event, planned_payments, send_all, unexpected, wait_until
from local_aws.event_consumer import EventConsumer
from local_aws.ledger_view import LedgerView
from local_aws.server import LocalAws
from tap.approvals import Approvals
from tap.commands.environments.receipt_table import print_receipt
from tap.deployment import Deployment
from tap.environment import Environment
from tap.payment_client import PaymentClient
from tap.progress import RunProgress
from tap.removal.destroy import Destruction

APPROVAL_THRESHOLD = 10_000
WAIT_SECONDS = 90


class DemoError(RuntimeError):
    """Something was not as the demo promises."""


class Demo:
    """The steps, each timed, on one environment."""

    def __init__(self, aws: LocalAws, directory: Path, console: Console) -> None:
        self._aws = aws
        self._console = console
        self._steps: list[tuple[str, float]] = []
        variables = {**aws.environment(), "STATE_BUCKET": "", "APPROVAL_THRESHOLD": str(APPROVAL_THRESHOLD)}
        self._deployment = Deployment(directory, variables, on_event=self._tell)
        self._destruction = Destruction(
            self._deployment.account,
            self._deployment.states,
            self._deployment.settings.environment_suffix,
            directory=directory / "environments",
            protected_suffixes="",
        )
        self._progress: RunProgress | None = None

    def run(self) -> None:
        """Run every step; raise DemoError, or what a step raises, at the first that fails."""
        with self._step("synthesize"):
            self._deployment.synthesize()
        with self._step("terraform init"):
            self._deployment.terraform.init()
        with self._step("plan and deploy", progress=True):
            self._deployment.terraform.apply(self._deployment.terraform.plan())
        outputs = self._deployment.terraform.output()
        self._show_resources()
        self._show_outputs(outputs)
        with self._step("take payments"):
            self._take_payments(outputs)
        with self._step("plan again", progress=True):
            plan = self._deployment.terraform.plan()
        if not plan.empty:
            changes = ", ".join(f"{change.action} {change.address}" for change in plan.changes)
            raise DemoError(f"the second plan is not empty: {changes or 'outputs change'}")
        self._say("the second plan is empty")
        with self._step("destroy", progress=True):
            receipt = self._destruction.run(self._tell, on_note=self._say)
        left = self._aws.leftovers()
        if left or receipt.left:
            raise DemoError(f"left after destroy: {json.dumps(receipt.as_json() | left, indent=2)}")
        self._say("nothing is left on the local AWS")
        self._show_times()
        print_receipt(receipt)

    @contextmanager
    def _step(self, name: str, *, progress: bool = False) -> Iterator[None]:
        started = time.monotonic()
        self._console.rule(name, align="left")
        if progress:
            with RunProgress(name, self._console) as self._progress:
                yield
            self._progress = None
        else:
            yield
        self._steps.append((name, time.monotonic() - started))

    def _tell(self, event: Any) -> None:
        if self._progress:
            self._progress(event)

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _show_resources(self) -> None:
        state = self._deployment.terraform.state_json()
        resources = state["values"]["root_module"]["resources"]
        counts = Counter(resource["type"] for resource in resources if resource["mode"] == "managed")
        table = Table(title=f"{counts.total()} resources of {len(counts)} types are deployed", title_justify="left")
        table.add_column("type")
        table.add_column("count", justify="right")
        for type_, count in sorted(counts.items()):
            table.add_row(type_, str(count))
        self._console.print(table)

    def _show_outputs(self, outputs: dict[str, Any]) -> None:
        table = Table(title="Outputs", title_justify="left")
        table.add_column("output")
        table.add_column("value", overflow="fold")
        for name, value in outputs.items():
            table.add_row(name, value if isinstance(value, str) else "\n".join(value))
        self._console.print(table)

    def _take_payments(self, outputs: dict[str, Any]) -> None:
        """Send a hundred payments, decide those that wait for approval, and show what became of all of them."""
        session, endpoint_url = self._deployment.session(), self._aws.endpoint_url
        api = self._deployment.payment_client(outputs)
        bus = outputs["event_bus_name"]
        events = session.client("events", endpoint_url=endpoint_url)
        ledger = LedgerView(self._aws, session.client("secretsmanager", endpoint_url=endpoint_url), outputs)
        self._check_health(api)
        with EventConsumer.subscribed(session, endpoint_url, bus=bus, name="demo-consumer") as consumer:
            outcomes = list(
                send_all(
                    planned_payments(APPROVAL_THRESHOLD),
                    api,
                    lambda document: events.put_events(Entries=[payment_event(bus, document)]),  # type: ignore[list-item]
                )
            )
            show_answers(self._console, outcomes)
            if faults := unexpected(outcomes):
                raise DemoError("; ".join(faults))
            self._decide_approvals(api)
            own = {outcome.planned.document["payment_id"] for outcome in outcomes if outcome.planned.status < 400}
            self._await("every event has been published", lambda: self._all_published(ledger, consumer, len(own)))
            balanced = show_ledger(self._console, ledger)
            show_events(self._console, consumer)
        show_sessions(
            self._console, session.client("dynamodb", endpoint_url=endpoint_url), outputs["sessions_table_name"]
        )
        if not balanced:
            raise DemoError("the ledger does not balance")

    def _check_health(self, api: PaymentClient) -> None:
        for path, signed, expected in (("/health", True, 200), ("/health/deep", True, 200), ("/health", False, 403)):
            answer = api.send("GET", path, signed=signed)
            self._say(f"GET {path}{'' if signed else ', not signed'} -> {answer.status} {json.dumps(answer.body)}")
            if answer.status != expected:
                raise DemoError(f"GET {path} answered {answer.status} instead of {expected}")

    def _decide_approvals(self, api: PaymentClient) -> None:
        """A person approves the first payment that waits and refuses the second."""
        approvals = Approvals(
            Environment(
                self._deployment.settings.environment_suffix,
                self._deployment.account,
            )
        )
        self._await("two payments wait for a person", lambda: sum(one.asked for one in approvals.pending()) == 2)
        waiting = sorted(one.payment_id for one in approvals.pending())
        for payment_id, approved in zip(waiting, (True, False), strict=True):
            approvals.decide(payment_id, approved=approved, approver="demo")
            expected = 200 if approved else 409
            path = f"/payments/{payment_id}"
            self._await(f"{payment_id} is decided", lambda: api.send("GET", path).status == expected)  # noqa: B023
            answer = api.send("GET", path)
            self._say(
                f"{'approved' if approved else 'refused'}: GET {path} -> {answer.status} {json.dumps(answer.body)}"
            )

    def _all_published(self, ledger: LedgerView, consumer: EventConsumer, payments: int) -> bool:
        consumer.receive()
        decided = {event["detail"]["payment_id"] for event in consumer.events.values()}
        return len(decided) == payments and ledger.unpublished() == 0

    def _await(self, what: str, condition: Callable[[], bool]) -> None:
        if not wait_until(condition, WAIT_SECONDS):
            raise DemoError(f"{WAIT_SECONDS} s passed before {what}")

    def _show_times(self) -> None:
        table = Table(title="Time", title_justify="left")
        table.add_column("step")
        table.add_column("seconds", justify="right")
        for name, seconds in self._steps:
            table.add_row(name, f"{seconds:.1f}")
        table.add_row("all", f"{sum(seconds for _, seconds in self._steps):.1f}")
        self._console.print(table)
