"""Scenarios in which something is lost: the writer, a zone, a Region."""

from __future__ import annotations

from collections.abc import Collection

from tap.gameday.experiment import Experiment
from tap.gameday.load import PaymentLoad
from tap.gameday.measurement import Target
from tap.gameday.performing import perform
from tap.gameday.scenario import MINUTE, SERVICE
from tap.gameday.stage import ScenarioUnfitError, Stage
from tap.gameday.watch import Watch
from tap.recovery.clusters import find_instance, once_possible, wait_for_cluster
from tap.recovery.region_failover import FAILOVER
from tap.recovery.site import Site


class _Lost:
    """What an experiment takes away, and the environment gets over by itself."""

    name = ""
    does = ""
    target = SERVICE
    hold_seconds = 20.0

    def __init__(self) -> None:
        self._experiment: Experiment | None = None

    def check(self, stage: Stage) -> None:
        Experiment(stage.site, self.name).template()

    def prepare(self, stage: Stage) -> None:
        """Nothing: it is felt in any case."""

    def inject(self, stage: Stage, load: PaymentLoad) -> None:  # noqa: ARG002 -- it is nothing to this fault
        self._experiment = Experiment(stage.site, self.name)
        self._experiment.start()

    def recover(self, stage: Stage, watch: Watch) -> None:
        """Nothing: the environment does it."""

    def clean_up(self, stage: Stage) -> None:
        if self._experiment:
            self._experiment.stop()
        wait_for_cluster(stage.site, stage.site.cluster_id, stage.tell)

    def account_for(self, stage: Stage, lost: Collection[str]) -> None:
        """Nothing: what is lost is measured."""

    def witness(self, stage: Stage) -> Site:
        return stage.site


class WriterLost(_Lost):
    """The ledger's writer."""

    name = "writer-lost"
    does = "the ledger's writer is lost, and a reader takes its place"
    target = Target(rto=MINUTE, rpo=0)


class ZoneLost(_Lost):
    """The zone of the writer."""

    name = "zone-lost"
    does = "the writer's zone is cut off, with the databases and tasks in it"

    def prepare(self, stage: Stage) -> None:
        """Lets the writer be in the zone that will be lost, where an instance is in it."""
        zone, site = Experiment(stage.site, self.name).lost_zone(), stage.site
        for member in site.cluster()["DBClusterMembers"]:
            instance = find_instance(site, member["DBInstanceIdentifier"])
            if instance and instance["AvailabilityZone"] == zone and not member["IsClusterWriter"]:
                stage.tell(f"the writer moves to {zone}, the zone that will be lost")
                target = {"TargetDBInstanceIdentifier": member["DBInstanceIdentifier"]}
                once_possible(site.client("rds").failover_db_cluster, DBClusterIdentifier=site.cluster_id, **target)
                wait_for_cluster(site, site.cluster_id, stage.tell)
                return


class RegionLost(_Lost):
    """The Region that takes payments; a person lets the other one take over."""

    name = "region-lost"
    does = "the primary Region is cut off, and a person approves the failover to the other one"

    def check(self, stage: Stage) -> None:
        if not stage.site.in_two_regions:
            raise ScenarioUnfitError(f"region-lost is for two Regions, and {stage.site.suffix!r} is in one")
        super().check(stage)

    def recover(self, stage: Stage, watch: Watch) -> None:
        perform(stage, self.witness(stage), "region-failover", {"mode": FAILOVER})
        watch.look()

    def clean_up(self, stage: Stage) -> None:
        """Goes back to the home Region, once it is there again."""
        super().clean_up(stage)
        if not stage.site.function.ask_until("examine-regions")["already_primary"]:
            perform(stage, stage.site, "failback", {})

    def witness(self, stage: Stage) -> Site:
        return stage.sites[1]
