"""`tap recover discard`: the cluster that a restore left beside the one in use is removed, with a final snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from tap.recovery.clusters import find_instance, wait_for
from tap.recovery.journal import Journal
from tap.recovery.ledger_login import forbid_again
from tap.recovery.plan import Expectation, Plan, Step
from tap.recovery.procedure import Action, Tell
from tap.recovery.site import Site

AWS = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html"


def discard_plan(suffix: str, recovery: str, cluster: str) -> Plan:
    """The plan for an environment, the recovery that left the cluster, and the cluster."""
    return Plan(
        command=f"tap recover discard {recovery}",
        title=f"Remove cluster {cluster} of {suffix}, which recovery {recovery} left",
        does="Deletes its instances and the cluster, and the permissions that the recovery had added.",
        may_lose="what only this cluster holds; its final snapshot has it",
        loses_data=True,
        rpo=Expectation("0 for what is in use", "this command changes nothing of it"),
        rto=Expectation("none: payments go on", AWS),
        steps=(
            Step("permissions", "take the inline policies away that let roles log in to the restored cluster"),
            Step("instances", "delete the cluster's instances"),
            Step("cluster", "delete the cluster; its final snapshot is called after it, with -final"),
        ),
        afterwards=("deploy first if you have not since the recovery: its policies replace the permissions",),
    )


class Discard:
    """Removes what one recovery of an environment left."""

    def __init__(self, site: Site, recovery: str, cluster: str) -> None:
        self._site = site
        self._recovery = recovery
        self._cluster = cluster
        self.plan = discard_plan(site.suffix, recovery, cluster)

    def check(self) -> None:
        """Raises `RecoveryRefusedError` if there is no such cluster."""
        self._site.cluster(self._cluster)

    def actions(self, journal: Journal, tell: Tell) -> Mapping[str, Action]:
        del journal
        return {
            "permissions": lambda: {"roles": forbid_again(self._site, self._recovery)},
            "instances": lambda: self._remove_instances(tell),
            "cluster": lambda: self._remove_cluster(tell),
        }

    def _remove_instances(self, tell: Tell) -> dict[str, Any]:
        rds = self._site.client("rds")
        members = [one["DBInstanceIdentifier"] for one in self._site.cluster(self._cluster)["DBClusterMembers"]]
        for name in members:
            found = find_instance(self._site, name)
            if found and found["DBInstanceStatus"] != "deleting":
                rds.delete_db_instance(DBInstanceIdentifier=name)
        for name in members:
            wait_for(f"instance {name}", partial(self._instance_state, name), tell, wanted="gone")
        return {"removed": members}

    def _remove_cluster(self, tell: Tell) -> dict[str, Any]:
        rds, snapshot = self._site.client("rds"), f"{self._cluster}-final"
        found = self._site.find_cluster(self._cluster)
        if found and found["Status"] != "deleting":
            if found.get("DeletionProtection"):
                rds.modify_db_cluster(
                    DBClusterIdentifier=self._cluster, DeletionProtection=False, ApplyImmediately=True
                )
            rds.delete_db_cluster(DBClusterIdentifier=self._cluster, FinalDBSnapshotIdentifier=snapshot)

        def state() -> str:
            cluster = self._site.find_cluster(self._cluster)
            return str(cluster["Status"]) if cluster else "gone"

        wait_for(f"cluster {self._cluster}", state, tell, wanted="gone")
        return {"snapshot": snapshot}

    def _instance_state(self, name: str) -> str:
        found = find_instance(self._site, name)
        return str(found["DBInstanceStatus"]) if found else "gone"
