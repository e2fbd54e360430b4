"""`tap recover restore-database`, and `restore-backup` of a cluster: the ledger of a moment, in another cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap.recovery.backtrack import iso
from tap.recovery.cluster_swap import old_name, step_aside, take_name
from tap.recovery.errors import RecoveryRefusedError
from tap.recovery.journal import Journal
from tap.recovery.ledger_frame import REFUSED, check_frame, frame_actions, framed
from tap.recovery.ledger_login import let_log_in
from tap.recovery.plan import Expectation, Plan, Step
from tap.recovery.procedure import Action, Tell
from tap.recovery.restored_cluster import describe, make_instances, restored_name, take_settings
from tap.recovery.restored_ledger import AURORA, Origin
from tap.recovery.site import Site

BESIDE = (
    Step("describe", "note how the ledger's cluster and its instances are set"),
    Step("restore", "restore into a new cluster beside it, with the same groups, key, logs, authentication and tags"),
    Step("instances", "make the same instances in it, and wait for them"),
    Step("settings", "set what a restore does not take over; let AWS make a new master password"),
    Step("check-restored", "check the restored ledger at its own endpoint: debits and credits, entries and payments"),
)
SWAP = (
    Step("step-aside", "rename the ledger's cluster and its instances to ...-before-ID; they stay as they are"),
    Step("take-name", "give the restored ones their names: endpoints follow from names, nothing else is told"),
    Step("grant-login", "let roles that log in by IAM do so in the restored cluster, until the next deploy does"),
)


def database_restore_plan(suffix: str, what: str, command: str, rpo: Expectation, *, beside: bool) -> Plan:
    """The plan for an environment; `what` is the moment, or the backup, that is restored."""
    rto = Expectation("tens of minutes and more, with the size; refused only from stop-writers on: minutes", AURORA)
    if beside:
        return Plan(
            command=command,
            title=f"Restore the ledger of {suffix} as of {what} beside the one in use",
            does="Makes a second cluster with the ledger of then, to look at or to mend from. Nothing in use changes.",
            may_lose="nothing",
            loses_data=False,
            rpo=Expectation("0 for what is in use", "this command changes nothing of it"),
            rto=rto,
            steps=BESIDE,
            afterwards=(
                "the new cluster costs like the one in use; `tap env verify` calls it a leftover. Remove it with `tap "
                "recover discard ID`",
            ),
        )
    swapped = framed(*SWAP, suffix=suffix, moment="that moment")
    return Plan(
        command=command,
        title=f"Replace the ledger of {suffix} by the one of {what}",
        does="Restores into a new cluster while payments go on, then stops the writers and swaps the names.",
        may_lose=f"every payment and decision since {what}, also those that were answered; each is on the report",
        loses_data=True,
        rpo=rpo,
        rto=rto,
        steps=(*BESIDE, *swapped),
        refused=REFUSED,
        afterwards=(
            "the next plan of `tap env deploy` replaces no cluster: it changes what names the cluster's resource id or "
            "the secret of its master user, such as policies and the parameter database/secret_arn, and runs the "
            "migrations once more, which changes nothing. Deploy soon",
            "tell those whose payments are on reconciliation.csv, or send them again under the same payment_id",
            "the old cluster stays as ...-before-ID, costs like the one in use, and `tap env verify` calls it a "
            "leftover. When nobody needs it any more: `tap recover discard ID`, which keeps a final snapshot",
        ),
    )


class DatabaseRestore:
    """Restores the ledger of one environment; `beside` leaves the one in use as it is."""

    def __init__(self, site: Site, origin: Origin, command: str, settle_seconds: float, *, beside: bool) -> None:
        self._site = site
        self._origin = origin
        self._beside = beside
        self._settle = settle_seconds
        self.plan = database_restore_plan(site.suffix, origin.what, command, origin.rpo, beside=beside)

    def check(self) -> None:
        """Raises `RecoveryRefusedError` with the remedy."""
        site = self._site
        if not self._beside:
            check_frame(site)
            if site.in_two_regions:
                raise RecoveryRefusedError(
                    "a cluster of a global database cannot be replaced by another: restore it beside with --beside and "
                    "mend the ledger from there; if a Region was lost, `tap recover failover`"
                )
            if ".proxy-" in site.environment.parameter("database/endpoint"):
                raise RecoveryRefusedError(
                    "the ledger is behind RDS Proxy, which stays with the old cluster: deploy with DB_PROXY=false "
                    "first, or restore it beside with --beside"
                )
        cluster = site.cluster()
        if cluster["Status"] != "available":
            raise RecoveryRefusedError(f"cluster {site.cluster_id} is {cluster['Status']}; wait until it is available")
        self._origin.check(site)

    def actions(self, journal: Journal, tell: Tell) -> Mapping[str, Action]:
        site, id_ = self._site, journal.id

        def source() -> dict[str, Any]:
            return journal.result("describe")

        def name() -> str:
            return restored_name(source()["id"], id_)

        def restore() -> dict[str, Any]:
            self._origin.restore(site, source(), name(), id_, tell)
            return {"cluster": name(), "as_of": iso(self._origin.moment)}

        def check_restored() -> Mapping[str, Any]:
            endpoint = site.cluster(name())["Endpoint"]
            return {"endpoint": endpoint, **site.function.ask_until("check-ledger", endpoint=endpoint, strict=True)}

        def grant() -> dict[str, Any]:
            return let_log_in(site, source()["resource_id"], site.cluster()["DbClusterResourceId"], id_, tell)

        beside: dict[str, Action] = {
            "describe": lambda: describe(site),
            "restore": restore,
            "instances": lambda: {"instances": make_instances(site, source(), name(), id_, tell)},
            "settings": lambda: {"master_secret": take_settings(site, source(), name(), tell)},
            "check-restored": check_restored,
        }
        if self._beside:
            return beside
        return {
            **beside,
            **frame_actions(site, journal, tell, self._origin.moment, self._settle),
            "step-aside": lambda: step_aside(site, source(), id_, tell),
            "take-name": lambda: take_name(site, source(), id_, tell),
            "grant-login": grant,
        }


def made_or_replaced(journal: Journal) -> str | None:
    """The cluster that a restore left beside the one in use: the old one, or the new one; None if it made none."""
    if not journal.done("describe"):
        return None
    id_ = str(journal.result("describe")["id"])
    return old_name(id_, journal.id) if journal.done("take-name") else restored_name(id_, journal.id)
