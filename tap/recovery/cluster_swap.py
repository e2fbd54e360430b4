"""Lets a restored cluster take the place of the one that is used: by its name, from which the endpoints follow."""

from __future__ import annotations

from typing import Any

from tap.recovery.clusters import find_instance, once_possible, wait_for_cluster, wait_for_instance
from tap.recovery.procedure import Tell
from tap.recovery.restored_cluster import Described, restored_name
from tap.recovery.site import Site


def old_name(name: str, recovery: str) -> str:
    """What the replaced cluster, or one of its instances, is called afterwards."""
    return f"{name}-before-{recovery}"


def step_aside(site: Site, source: Described, recovery: str, tell: Tell) -> dict[str, Any]:
    """Renames the cluster that is used, and its instances. What bears its name and is another one is left alone."""
    before = old_name(source["id"], recovery)
    found = site.find_cluster(source["id"])
    if found is not None and found["DbClusterResourceId"] == source["resource_id"]:
        _rename_cluster(site, source["id"], before, tell)
    wait_for_cluster(site, before, tell)
    names = {instance["name"]: old_name(instance["name"], recovery) for instance in source["instances"]}
    _rename_members(site, before, names, tell)
    return {"cluster": before, "instances": sorted(names.values())}


def take_name(site: Site, source: Described, recovery: str, tell: Tell) -> dict[str, Any]:
    """Gives the restored cluster and its instances the names of the ones that stepped aside."""
    restored = restored_name(source["id"], recovery)
    if site.find_cluster(restored) is not None:
        _rename_cluster(site, restored, source["id"], tell)
    wait_for_cluster(site, source["id"], tell)
    names = {restored_name(instance["name"], recovery): instance["name"] for instance in source["instances"]}
    _rename_members(site, source["id"], names, tell)
    return {"cluster": source["id"], "instances": sorted(names.values())}


def _rename_cluster(site: Site, old: str, new: str, tell: Tell) -> None:
    tell(f"cluster {old} becomes {new}")
    once_possible(
        site.client("rds").modify_db_cluster,
        DBClusterIdentifier=old,
        NewDBClusterIdentifier=new,
        ApplyImmediately=True,
    )
    wait_for_cluster(site, new, tell)


def _rename_members(site: Site, cluster: str, names: dict[str, str], tell: Tell) -> None:
    members = {member["DBInstanceIdentifier"] for member in site.cluster(cluster)["DBClusterMembers"]}
    for old, new in names.items():
        if old in members and find_instance(site, new) is None:
            wait_for_instance(site, old, tell)
            tell(f"instance {old} becomes {new}")
            once_possible(
                site.client("rds").modify_db_instance,
                DBInstanceIdentifier=old,
                NewDBInstanceIdentifier=new,
                ApplyImmediately=True,
            )
            wait_for_instance(site, new, tell)
    wait_for_cluster(site, cluster, tell)
