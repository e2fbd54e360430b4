"""Scenarios in which somebody makes a mistake: poisoned events, a bad deploy, wrong bookings."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from datetime import UTC, datetime
from http import HTTPStatus

from lib.payment_events import DETAIL_TYPE, SOURCE
from tap.environment import EVENT_BUS
from tap.gameday.load import PaymentLoad, document
from tap.gameday.measurement import Target
from tap.gameday.performing import perform
from tap.gameday.scenario import MINUTE, SERVICE
from tap.gameday.stage import ScenarioUnfitError, Stage
from tap.gameday.watch import Watch
from tap.recovery.backtrack import iso
from tap.recovery.errors import RecoveryFailedError
from tap.recovery.reconcile import FILES
from tap.recovery.site import Site

ALIAS = "live"
BROKEN_HANDLER = "no_such_module.handler"
NOTICED_SECONDS = 45.0
"""How long a person needs to see what is wrong, where no alarm tells them before."""
POLL_SECONDS = 1.0
POISON = ("gameday-poison-amount", "gameday-poison-currency", "gameday-poison-payee")
"""Ids of payments that must not be taken."""


class _Mistake:
    """What is done once, and nobody has to end."""

    name = ""
    does = ""
    target = SERVICE
    hold_seconds = 15.0

    def check(self, stage: Stage) -> None:
        """Fits every architecture."""

    def prepare(self, stage: Stage) -> None:
        """Nothing: it is felt in any case."""

    def recover(self, stage: Stage, watch: Watch) -> None:
        """Nothing: the environment does it."""

    def clean_up(self, stage: Stage) -> None:
        """Nothing is left of it."""

    def account_for(self, stage: Stage, lost: Collection[str]) -> None:
        """Nothing: what is lost is measured."""

    def witness(self, stage: Stage) -> Site:
        return stage.site


class PoisonEvents(_Mistake):
    """Events that are no payments, and events of payments that were taken already."""

    name = "poison-events"
    does = "malformed events and duplicates of payments arrive on the bus"
    target = Target(rto=MINUTE, rpo=0)

    def inject(self, stage: Stage, load: PaymentLoad) -> None:
        bus = stage.environment.parameter(EVENT_BUS)
        taken = load.acknowledged()[-10:]
        details: list[object] = [
            {},
            {**document(POISON[0]), "amount": "not a number"},
            {**document(POISON[1]), "currency": "XXX"},
            {**document(POISON[2]), "payee_account": None},
            {"payment_id": ["gameday-poison"], "amount": "1.00", "currency": "EUR"},
            {"payment_id": "gameday-poison-" + "x" * 5000},
            *({**document(payment_id)} for payment_id in taken for _ in range(3)),
            *({**document(payment_id), "amount": "99.00"} for payment_id in taken),
        ]
        entries = [
            {"EventBusName": bus, "Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail)}
            for detail in details
        ]
        for start in range(0, len(entries), 10):
            answer = stage.environment.client("events").put_events(Entries=entries[start : start + 10])
            if answer["FailedEntryCount"]:
                raise RecoveryFailedError(f"the bus refused {answer['FailedEntryCount']} events: {answer['Entries']}")

    def account_for(self, stage: Stage, lost: Collection[str]) -> None:
        super().account_for(stage, lost)
        if booked := stage.present(POISON):
            raise RecoveryFailedError(f"poisoned payments are in the ledger: {sorted(booked)}")


class BadDeploy(_Mistake):
    """A version of the payment function that cannot start; a person leads the alias back."""

    name = "bad-deploy"
    does = "a version of the payment function that cannot start goes live, and a person rolls back"
    target = Target(rto=5 * MINUTE, rpo=0)

    def __init__(self) -> None:
        self._good = ("", "")

    def check(self, stage: Stage) -> None:
        if stage.runs_containers:
            raise ScenarioUnfitError(
                "bad-deploy is for the payment function: the service on Fargate rolls back by itself, by the circuit "
                "breaker or by CodeDeploy, before a bad task gets a request"
            )

    def inject(self, stage: Stage, load: PaymentLoad) -> None:  # noqa: ARG002 -- it is nothing to this fault
        name, client = stage.environment.name("processor"), stage.environment.client("lambda")
        handler = client.get_function_configuration(FunctionName=name)["Handler"]
        self._good = (client.get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"], handler)
        client.update_function_configuration(FunctionName=name, Handler=BROKEN_HANDLER)
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
        bad = client.publish_version(FunctionName=name, Description="game day: cannot start")["Version"]
        client.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=bad)

    def recover(self, stage: Stage, watch: Watch) -> None:
        """Waits until an alarm tells, or until somebody has seen it; then leads the alias back."""
        deadline = time.monotonic() + NOTICED_SECONDS
        while not watch.alarmed() and time.monotonic() < deadline:
            watch.look()
            time.sleep(POLL_SECONDS)
        stage.tell("noticed: the alias goes back to the version before")
        self._back(stage)

    def clean_up(self, stage: Stage) -> None:
        if not self._good[0]:
            return
        self._back(stage)
        name, client = stage.environment.name("processor"), stage.environment.client("lambda")
        versions = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
        bad = [one for page in versions for one in page["Versions"] if one["Handler"] == BROKEN_HANDLER]
        client.update_function_configuration(FunctionName=name, Handler=self._good[1])
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
        for version in bad:
            if version["Version"] != "$LATEST":
                client.delete_function(FunctionName=name, Qualifier=version["Version"])

    def _back(self, stage: Stage) -> None:
        stage.environment.client("lambda").update_alias(
            FunctionName=stage.environment.name("processor"), Name=ALIAS, FunctionVersion=self._good[0]
        )


class LedgerCorrupted(_Mistake):
    """Payments that were booked once are booked again under other ids; a person rewinds the ledger."""

    name = "ledger-corrupted"
    does = "wrong payments are booked, and a person rewinds the ledger to before them"
    hold_seconds = 5.0

    def __init__(self) -> None:
        self._before = datetime.now(UTC)
        self.wrong: list[str] = []
        self._report: set[str] = set()

    def check(self, stage: Stage) -> None:
        cluster = stage.site.cluster()
        if cluster["Engine"] != "aurora-mysql" or not cluster.get("BacktrackWindow"):
            raise ScenarioUnfitError(
                "ledger-corrupted is for a ledger that can be rewound in place (Aurora MySQL in one Region)"
            )

    def inject(self, stage: Stage, load: PaymentLoad) -> None:
        time.sleep(1.0)
        self._before = datetime.now(UTC).replace(microsecond=0)
        time.sleep(1.0)
        client = stage.clients()[0]
        self.wrong = [f"{payment_id}-again" for payment_id in load.acknowledged()[-10:]]
        for payment_id in self.wrong:
            answer = client.send("POST", "/payments", document(payment_id))
            if answer.status != HTTPStatus.OK:
                raise RecoveryFailedError(f"the wrong payment {payment_id} was answered {answer.status}")

    def recover(self, stage: Stage, watch: Watch) -> None:  # noqa: ARG002 -- no alarm tells of wrong payments
        arguments = {"to": iso(self._before), "settle": f"{stage.settle_seconds:g}"}
        journal = perform(stage, stage.site, "backtrack", arguments)
        stage.tell(f"report of the rewind: {journal.folder}")
        report = json.loads((journal.folder / FILES[0]).read_text())
        self._report = {difference["payment_id"] for difference in report["payments"]}
        if left := stage.present(self.wrong):
            raise RecoveryFailedError(f"wrong payments are still in the ledger: {sorted(left)}")

    def account_for(self, stage: Stage, lost: Collection[str]) -> None:
        super().account_for(stage, lost)
        if missing := set(lost) - self._report:
            raise RecoveryFailedError(f"payments were lost that are not on the report of the rewind: {sorted(missing)}")
