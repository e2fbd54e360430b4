"""`tap recover replay`: archived payment events of a period taken once more; what the ledger has stays as it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime

from tap.archive_replay import ArchiveReplays, Replay
from tap.recovery.backtrack import iso
from tap.recovery.errors import RecoveryEndedError
from tap.recovery.journal import Journal
from tap.recovery.plan import Expectation, Plan, Step
from tap.recovery.procedure import Action, Tell
from tap.recovery.site import Site
from tap.recovery.verification import verify

AWS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html"
POLL_SECONDS = 2.0


def replay_plan(suffix: str, begin: str, end: str) -> Plan:
    """The plan for an environment and a period."""
    return Plan(
        command=f"tap recover replay --from {begin} --to {end}",
        title=f"Take the payment events of {suffix} from {begin} to {end} once more",
        does="Payments that came by the bus in the period and that the ledger lacks are booked; each once.",
        may_lose="nothing: a payment that the ledger has is not taken again",
        loses_data=False,
        rpo=Expectation("0 for payments that came by the bus; those that came by HTTP are the clients' to repeat", AWS),
        rto=Expectation("with the number of events; payments go on meanwhile", AWS),
        steps=(
            Step("replay", "start a replay of the archive for the payment rule alone, as `tap replay archive` does"),
            Step("follow", "wait until it is completed"),
            Step("verify", "check the service and the ledger"),
        ),
        afterwards=("an event may take ten minutes into the archive: replay the last minutes again later",),
    )


class ArchiveReplaying:
    """Replays a period of one environment's archive."""

    def __init__(self, site: Site, begin: datetime, end: datetime) -> None:
        self._site = site
        self._begin, self._end = begin, end
        self.plan = replay_plan(site.suffix, iso(begin), iso(end))

    def check(self) -> None:
        """Raises `EnvironmentNotFoundError` where there is no archive or rule."""
        ArchiveReplays(self._site.environment).prepare(self._begin, self._end)

    def actions(self, journal: Journal, tell: Tell) -> Mapping[str, Action]:
        replays = ArchiveReplays(self._site.environment)

        def start() -> Mapping[str, str]:
            replay = replays.prepare(self._begin, self._end)
            replays.start(replay)
            return {"replay": replay.name}

        def follow() -> Mapping[str, str]:
            prepared = vars(replays.prepare(self._begin, self._end))
            replay = Replay(**{**prepared, "name": journal.result("replay")["replay"]})
            while not (progress := replays.progress(replay)).ended:
                tell(f"{progress.state.lower()}, {progress.done:.0%}")
                time.sleep(POLL_SECONDS)
            if progress.state != "COMPLETED":
                raise RecoveryEndedError(f"replay {replay.name} ended {progress.state}: {progress.reason}")
            return {"state": progress.state}

        return {"replay": start, "follow": follow, "verify": lambda: verify(self._site)}
