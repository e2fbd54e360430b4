"""`tap recover backtrack`: the ledger in place as it was at a moment, by Aurora MySQL's backtrack."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tap.expiry.clock import aws_time
from tap.recovery.clusters import wait_for, wait_for_cluster
from tap.recovery.errors import RecoveryRefusedError
from tap.recovery.journal import Journal
from tap.recovery.ledger_frame import REFUSED, check_frame, frame_actions, framed
from tap.recovery.plan import Expectation, Plan, Step
from tap.recovery.procedure import Action, Tell
from tap.recovery.site import Site

AWS = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Managing.Backtrack.html"


def backtrack_plan(suffix: str, to: str) -> Plan:
    """The plan for an environment and a moment."""
    return Plan(
        command=f"tap recover backtrack --to {to}",
        title=f"Rewind the ledger of {suffix} in place to {to}",
        does="Undoes a mistake in the ledger: all of it is as it was at that moment. The cluster stays the same one.",
        may_lose=f"every payment and decision since {to}, also those that were answered; each is on the report",
        loses_data=True,
        rpo=Expectation(f"what was booked since {to}", AWS),
        rto=Expectation("minutes", AWS),
        steps=framed(
            Step("backtrack", f"rewind the cluster to {to}, and wait until it is available; connections end"),
            suffix=suffix,
            moment=to,
        ),
        refused=REFUSED,
        afterwards=(
            "tell those whose payments are on reconciliation.csv, or send them again under the same payment_id: each "
            "is booked once",
            "events that were published since that moment, of payments before it, are published once more: consumers "
            "know them by event_id",
            "the next plan of `tap env deploy` is empty: nothing of the deployment was changed",
        ),
    )


class Backtrack:
    """Rewinds one environment's cluster."""

    def __init__(self, site: Site, to: datetime, settle_seconds: float) -> None:
        self._site = site
        self._to = to.astimezone(UTC)
        self._settle = settle_seconds
        self.plan = backtrack_plan(site.suffix, iso(self._to))

    def check(self) -> None:
        """Raises `RecoveryRefusedError` where the cluster cannot be rewound so far, or not at all."""
        check_frame(self._site)
        if self._site.in_two_regions:
            raise RecoveryRefusedError(
                "a global database cannot be backtracked; restore it beside with `tap recover restore-database "
                f"--to {iso(self._to)} --beside`, and mend the ledger from there"
            )
        cluster = self._site.cluster()
        instead = f"restore it instead: `tap recover restore-database --to {iso(self._to)}`"
        if cluster["Engine"] != "aurora-mysql" or not cluster.get("BacktrackWindow"):
            window = "" if cluster["Engine"] != "aurora-mysql" else " without a backtrack window (BACKTRACK_HOURS)"
            raise RecoveryRefusedError(
                f"cluster {self._site.cluster_id} ({cluster['Engine']}{window}) cannot be backtracked; {instead}"
            )
        check_past(self._site, self._to)
        earliest = cluster.get("EarliestBacktrackTime")
        if earliest and self._to < earliest:
            raise RecoveryRefusedError(
                f"cluster {self._site.cluster_id} can be rewound to {iso(earliest)} and later; {instead}"
            )
        if cluster["Status"] != "available":
            raise RecoveryRefusedError(f"cluster {self._site.cluster_id} is {cluster['Status']}; wait until available")

    def actions(self, journal: Journal, tell: Tell) -> Mapping[str, Action]:
        frame = frame_actions(self._site, journal, tell, self._to, self._settle)
        return {**frame, "backtrack": lambda: self._rewind(journal, tell)}

    def _rewind(self, journal: Journal, tell: Tell) -> dict[str, Any]:
        rds, cluster_id = self._site.client("rds"), self._site.cluster_id
        # One that an interrupted attempt asked for.
        began = datetime.fromisoformat(journal.record.steps["backtrack"].began_at).replace(microsecond=0)
        asked = [
            one
            for one in rds.describe_db_cluster_backtracks(DBClusterIdentifier=cluster_id)["DBClusterBacktracks"]
            if one["BacktrackRequestCreationTime"] >= began and one["Status"].lower() != "failed"
        ]
        if not asked:
            asked = [rds.backtrack_db_cluster(DBClusterIdentifier=cluster_id, BacktrackTo=self._to)]
        backtrack_id = asked[-1]["BacktrackIdentifier"]
        tell(f"backtrack {backtrack_id}")

        def state() -> str:
            (found,) = rds.describe_db_cluster_backtracks(
                DBClusterIdentifier=cluster_id, BacktrackIdentifier=backtrack_id
            )["DBClusterBacktracks"]
            return str(found["Status"]).lower()

        wait_for(f"backtrack {backtrack_id}", state, tell, wanted="completed")
        wait_for_cluster(self._site, cluster_id, tell)
        return {"backtrack": backtrack_id, "to": iso(self._to)}


def iso(moment: datetime) -> str:
    """A moment in UTC, as commands take it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def check_past(site: Site, moment: datetime) -> None:
    """Raises `RecoveryRefusedError` for a moment that has not been yet, by AWS's clock."""
    now = aws_time(site.environment.account)
    if moment >= now:
        raise RecoveryRefusedError(f"{iso(moment)} is not past: in AWS it is {iso(now)}")
