"""What has no tags, or none that AWS can be asked for, and is part of a resource of the environment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tap.inventory.described import rest
from tap.inventory.descriptions import log_group_names
from tap.inventory.listers.search import Lister, Search, of_state, part_of
from tap.inventory.listing import exists, listed
from tap.inventory.resource import Resource

# In one of two Regions a name has the Region's role before the suffix.
ROLES = ("", "primary-", "secondary-")


def unqualified(function: str) -> str:
    """The ARN of a function, without the version or alias that may follow it."""
    return ":".join(function.split(":")[:7])


def key_aliases(search: Search) -> Iterator[Resource]:
    """Aliases of the environment's keys, of those that wait for their deletion too: they go on pointing there."""
    for key in search.owners("kms:key"):
        for alias in listed(search.account, "kms", "list_aliases", "Aliases", none_if_gone=True, KeyId=key):
            yield part_of(key, alias["AliasArn"])


def event_archives(search: Search) -> Iterator[Resource]:
    """Archives of the environment's buses."""
    for bus in search.owners("events:event-bus"):
        for archive in listed(
            search.account, "events", "list_archives", "Archives", none_if_gone=True, EventSourceArn=bus
        ):
            yield part_of(bus, search.arn("events", f"archive/{archive['ArchiveName']}"))


def schedules(search: Search) -> Iterator[Resource]:
    """Schedules that call the environment's functions, machines or queues, and those that only its state lists."""
    targets = set(search.owners("lambda:function", "states:stateMachine", "sqs:queue"))
    in_state = {schedule.arn for schedule in search.in_state("aws_scheduler_schedule")}
    if not targets and not in_state:
        return
    for schedule in listed(search.account, "scheduler", "list_schedules", "Schedules"):
        target = unqualified(schedule["Target"]["Arn"])
        if target in targets:
            yield part_of(target, schedule["Arn"])
        elif schedule["Arn"] in in_state:
            yield of_state(schedule["Arn"])


def event_source_mappings(search: Search) -> Iterator[Resource]:
    """Mappings that call the environment's functions; a mapping outlives its function."""
    functions = set(search.owners("lambda:function"))
    if not functions:
        return
    for mapping in listed(search.account, "lambda", "list_event_source_mappings", "EventSourceMappings"):
        function = unqualified(mapping["FunctionArn"])
        if function in functions and mapping.get("State") != "Deleting":
            yield part_of(function, search.arn("lambda", f"event-source-mapping:{mapping['UUID']}"))


def recovery_points(search: Search) -> Iterator[Resource]:
    """Recovery points in the environment's vaults: AWS deletes no vault that has some."""
    for vault in search.owners("backup:backup-vault"):
        name = rest(Resource(vault, "backup:backup-vault"))
        points = listed(
            search.account,
            "backup",
            "list_recovery_points_by_backup_vault",
            "RecoveryPoints",
            none_if_gone=True,
            BackupVaultName=name,
        )
        for point in points:
            yield part_of(vault, point["RecoveryPointArn"], "backup:recovery-point")


def log_groups(search: Search) -> Iterator[Resource]:
    """Log groups that a service made anew after their deletion: those of exactly a name that the state lists.

    Without tags: the others are found by them.
    """
    tagged = {resource.arn for resource in search.existing}
    for name in sorted({group.name for group in search.in_state("aws_cloudwatch_log_group") if group.name}):
        arn = search.arn("logs", f"log-group:{name}")
        if arn not in tagged and name in log_group_names(search.account, name):
            yield of_state(arn)


def dashboards(search: Search) -> Iterator[Resource]:
    """The dashboard that the state lists, and any of the environment's name that shows its alarms."""
    in_state = {dashboard.attributes.get("dashboard_name") for dashboard in search.in_state("aws_cloudwatch_dashboard")}
    alarms = set(search.owners("cloudwatch:alarm"))
    names = {name for name in in_state if isinstance(name, str)}
    if alarms:
        names |= {f"payment-{role}{search.suffix}" for role in ROLES}
    for name in sorted(names):
        answer = exists(search.account, "cloudwatch", "get_dashboard", DashboardName=name)
        shown = _alarms_shown(answer["DashboardBody"]) & alarms if answer else set()
        if answer and name in in_state:
            yield of_state(answer["DashboardArn"])
        elif answer and shown:
            yield part_of(min(shown), answer["DashboardArn"])


def _alarms_shown(body: str) -> set[str]:
    try:
        widgets: Any = json.loads(body).get("widgets", [])
        return {arn for widget in widgets for arn in widget.get("properties", {}).get("alarms", [])}
    except (ValueError, AttributeError, TypeError):
        return set()  # A dashboard of somebody else's making: it shows nothing that is known.


LISTERS = (
    Lister("kms:alias", "Aliases have no tags, and stay when their key is scheduled for deletion.", key_aliases),
    Lister("events:archive", "Archives have no tags, and survive their bus.", event_archives),
    Lister(
        "scheduler:schedule", "Schedules have no tags, their groups alone do; they survive their target.", schedules
    ),
    Lister(
        "lambda:event-source-mapping",
        "They survive their function, and are tagged only where the stack made them.",
        event_source_mappings,
    ),
    Lister(
        "backup:recovery-point", "AWS Backup makes them, and they block the deletion of their vault.", recovery_points
    ),
    Lister(
        "logs:log-group",
        "RDS and Lambda make a log group anew, without tags, when they write after its deletion.",
        log_groups,
    ),
    Lister(
        "cloudwatch:dashboard", "The AWS provider gives dashboards no tags, and they are part of nothing.", dashboards
    ),
)
