"""`tap recover failover` within a Region: another instance of the cluster becomes the writer."""

from __future__ import annotations

from collections.abc import Mapping

from tap.recovery.errors import RecoveryRefusedError
from tap.recovery.journal import Journal
from tap.recovery.plan import Expectation, Plan, Step
from tap.recovery.procedure import Action, Tell
from tap.recovery.site import Site
from tap.recovery.verification import verify
from tap.recovery.workflow import WRITER_FAILOVER, Workflow, succeeded

AWS = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html"


def writer_failover_plan(suffix: str, region: str) -> Plan:
    """The plan for an environment and a Region."""
    return Plan(
        command=f"tap recover failover --region {region}",
        title=f"Fail the writer of {suffix} over within {region}",
        does="Another instance of the ledger's cluster becomes the writer, if the writer or the service is not well.",
        may_lose="nothing: every write is in three zones before it is acknowledged",
        loses_data=False,
        rpo=Expectation("0", AWS),
        rto=Expectation("about 30 s, up to two minutes; payments meanwhile get 503 and are sent again", AWS),
        steps=(
            Step("start", f"start the state machine payment-{WRITER_FAILOVER}-... of the environment"),
            Step("follow", "follow it: examine, fail over, wait for the writer, check service and ledger"),
            Step("verify", "check the service and the ledger"),
        ),
        afterwards=(
            "the next plan of `tap env deploy` is empty: which instance writes is not of the deployment",
            "DB_INSTANCE_COUNT=1 has no other instance: AWS makes a new one, which takes about ten minutes",
        ),
    )


class WriterFailover:
    """Fails one environment's writer over, in the Region of `site`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.plan = writer_failover_plan(site.suffix, site.region)

    def check(self) -> None:
        """Raises `RecoveryRefusedError` if one is under way, `EnvironmentNotFoundError` without state machine."""
        running = Workflow(self._site, WRITER_FAILOVER).running()
        if running:
            raise RecoveryRefusedError(
                f"a failover of the writer is under way: execution {running[0].name}; wait until it has ended"
            )

    def actions(self, journal: Journal, tell: Tell) -> Mapping[str, Action]:
        workflow = Workflow(self._site, WRITER_FAILOVER)
        name = f"recovery-{journal.id}"

        def follow() -> Mapping[str, object]:
            execution = workflow.follow(journal.result("start")["execution"], tell)
            result = succeeded(execution, "Recovered", "Healthy")
            if execution.last == "Healthy":
                tell("the writer answers and the service is well: nothing was failed over")
            return result

        return {
            "start": lambda: {"execution": workflow.start(name, {"requested_by": f"tap recover {journal.id}"})},
            "follow": follow,
            "verify": lambda: verify(self._site),
        }
