"""`tap recover failover` to the other Region, and `failback` to the home Region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tap.approvals import Approvals
from tap.recovery.approvals import RecoveryApprovals
from tap.recovery.clusters import find_instance
from tap.recovery.errors import RecoveryFailedError, RecoveryRefusedError
from tap.recovery.journal import Journal
from tap.recovery.plan import Expectation, Plan, Step
from tap.recovery.procedure import Action, Tell
from tap.recovery.recovery_function import TaskFailedError
from tap.recovery.site import Site
from tap.recovery.verification import verify
from tap.recovery.workflow import REGION_FAILOVER, Execution, Workflow, succeeded

SWITCHOVER, FAILOVER = "switchover", "failover"
AWS = (
    "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html"
    "#aurora-global-database-disaster-recovery.managed-failover"
)
DNS_SECONDS = 600.0
"""A health check that turns, and resolvers that forget."""


def region_failover_plan(suffix: str, region: str, mode: str) -> Plan:
    """The plan for an environment, the Region that is to become the primary, and `switchover` or `failover`."""
    loss = mode == FAILOVER
    lag = "what had not arrived in the other Region: up to the replication lag, typically below a second"
    return Plan(
        command=f"tap recover failover --region {region}" + (" --allow-data-loss" if loss else ""),
        title=f"Make {region} the primary Region of {suffix}"
        + (", giving up what had not arrived there" if loss else ", losing nothing"),
        does="The other Region is fenced, the ledger here becomes the writer, this Region takes payments, DNS follows.",
        may_lose=lag if loss else "nothing",
        loses_data=loss,
        needs_suffix=True,
        rpo=Expectation("less than 5 minutes" if loss else "0", "target of this project" if loss else AWS),
        rto=Expectation("less than 15 minutes" if loss else "minutes", "target of this project" if loss else AWS),
        steps=(
            Step("start", f"start the state machine payment-{REGION_FAILOVER}-... in {region}, mode {mode}"),
            Step("approve", "once it asks, answer its approval in your name: you agreed by typing the suffix"),
            Step("follow", "follow it: fence, promote, take the role, check service and ledger, move DNS"),
            Step("verify", f"check that {region} is the primary, its service and ledger are well, and DNS leads there"),
        ),
        refused=("approve", "follow"),
        afterwards=(
            "the next plan of `tap env deploy` is empty: roles, health checks and who leads whom stay as they are; a "
            "deploy with a new migration or another DB_PASSWORD_VERSION fails at the old cluster: go back first",
            "go back with `tap recover failback` once the old Region is a healthy secondary",
            *(("clients of lost payments get 404 and send them again under the same payment_id",) if loss else ()),
        ),
    )


def failback_plan(suffix: str, region: str) -> Plan:
    """The plan for an environment and its home Region."""
    there = region_failover_plan(suffix, region, SWITCHOVER)
    return replace(
        there,
        command="tap recover failback",
        title=f"Go back to {region}, the home Region of {suffix}, losing nothing",
        afterwards=("the next plan of `tap env deploy` is empty",),
    )


class RegionFailover:
    """Makes the Region of `site` the primary; `failback` if that is the way back."""

    def __init__(self, site: Site, mode: str, *, failback: bool = False) -> None:
        self._site = site
        self._mode = mode
        self._failback = failback
        plan = region_failover_plan(site.suffix, site.region, mode)
        self.plan = failback_plan(site.suffix, site.region) if failback else plan

    def check(self) -> None:
        """Raises `RecoveryRefusedError` with the remedy."""
        if not self._site.in_two_regions:
            raise RecoveryRefusedError(
                f"environment {self._site.suffix!r} is in one Region; `tap recover failover` without --region fails "
                "its writer over"
            )
        running = Workflow(self._site, REGION_FAILOVER).running()
        if running:
            raise RecoveryRefusedError(
                f"a failover to {self._site.region} is under way: execution {running[0].name}; answer it with `tap "
                f"recover approve {running[0].name} --region {self._site.region}`, or refuse it"
            )
        regions = self._site.function.ask("examine-regions")
        if regions.get("already_primary"):
            raise RecoveryRefusedError(f"{self._site.region} is the primary Region already: nothing was touched")
        if self._mode == SWITCHOVER:
            if not regions["other_reachable"]:
                raise RecoveryRefusedError(
                    "the other Region cannot be reached, so that nothing can be promised: where it is lost, give "
                    f"`tap recover failover --region {self._site.region} --allow-data-loss`"
                )
            self._check_secondary()

    def actions(self, journal: Journal, tell: Tell) -> Mapping[str, Action]:
        site, workflow = self._site, Workflow(self._site, REGION_FAILOVER)
        name = f"recovery-{journal.id}"
        given = {"mode": self._mode, "requested_by": f"tap recover {journal.id}"}
        return {
            "start": lambda: {"execution": workflow.start(name, given)},
            "approve": lambda: self._approve(workflow, name, journal.result("start")["execution"], tell),
            "follow": lambda: succeeded(
                workflow.follow(journal.result("start")["execution"], tell, told=journal.result("approve")["states"]),
                "Recovered",
                "AlreadyPrimary",
            ),
            "verify": lambda: {**verify(site), **self._in_place()},
        }

    def _approve(self, workflow: Workflow, name: str, execution: str, tell: Tell) -> dict[str, Any]:
        """What was answered by an interrupted attempt, or by somebody else, needs no answer."""
        approvals = RecoveryApprovals(self._site)

        def asked(now: Execution) -> bool:
            return now.last == "RequestApproval" and approvals.token(name) is not None

        now = workflow.follow(execution, tell, until=lambda now: asked(now) or "Approved" in now.states)
        found = {"states": len(now.states), "approver": None}
        if now.ended:
            return found
        approver = Approvals(self._site.environment).caller()
        try:
            approvals.answer(name, approved=True, approver=approver)
        except RecoveryRefusedError:
            tell("it was answered already")
            return found
        tell(f"approved by {approver}")
        return {**found, "approver": approver}

    def _in_place(self) -> dict[str, Any]:
        regions = self._site.function.ask("examine-regions")
        if not regions["already_primary"]:
            raise RecoveryFailedError(f"the primary Region is {regions['primary']}, not {self._site.region}")
        try:
            dns = self._site.function.ask_until("check-dns", seconds=DNS_SECONDS)
        except TaskFailedError as error:
            raise RecoveryFailedError(f"{error}; payments are taken here, clients do not find the way yet") from None
        return {"regions": regions, "dns": dns}

    def _check_secondary(self) -> None:
        """Raises `RecoveryRefusedError` unless the cluster here follows the other one and is well."""
        site = self._site
        cluster, global_id = site.find_cluster(site.cluster_id), site.function.variable("GLOBAL_CLUSTER_ID")
        remedy = (
            "where it was detached or lost, remove it, and let `tap env deploy` make it anew as a secondary; "
            "until then the other Region stays the primary"
        )
        if cluster is None:
            raise RecoveryRefusedError(f"there is no cluster {site.cluster_id} in {site.region}: {remedy}")
        if cluster["Status"] != "available":
            raise RecoveryRefusedError(f"cluster {site.cluster_id} is {cluster['Status']}: wait until it is available")
        (found,) = site.client("rds").describe_global_clusters(GlobalClusterIdentifier=global_id)["GlobalClusters"]
        follows = {member["DBClusterArn"] for member in found["GlobalClusterMembers"] if not member["IsWriter"]}
        if cluster["DBClusterArn"] not in follows:
            raise RecoveryRefusedError(f"cluster {site.cluster_id} does not follow {global_id}: {remedy}")
        instances = (find_instance(site, member["DBInstanceIdentifier"]) for member in cluster["DBClusterMembers"])
        if not any(instance and instance["DBInstanceStatus"] == "available" for instance in instances):
            raise RecoveryRefusedError(
                f"cluster {site.cluster_id} has no instance that is available: `tap env deploy` makes what is missing"
            )
