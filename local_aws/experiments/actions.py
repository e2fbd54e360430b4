"""What an experiment does to its targets, and how that ends.

https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html
"""

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moto.rds.models import DBCluster

from local_aws import containers, databases
from local_aws.databases.aurora import cluster_by_arn
from local_aws.errors import AwsError
from local_aws.experiments import outages, placement
from local_aws.experiments.targets import CLUSTER, SUBNET, TASK, subnet_ids
from local_aws.functions.execution_role import role_allows

REPLACED_SECONDS = 30
"""How long a lost writer is waited for to be replaced by a reader."""

ALONE_SECONDS = 5
"""After which a writer that has no reader beside it comes back by itself."""

_ending = threading.Lock()

DURATION = re.compile(r"PT(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?")


class ActionError(Exception):
    """An action could not be done; the message is the reason that its state shows."""


@dataclass(frozen=True)
class Doing:
    """An action as one experiment does it to the resources of its target."""

    experiment: str
    role_arn: str
    arns: Sequence[str]

    @property
    def place(self) -> tuple[str, str]:
        """Account and Region."""
        _, _, _, region, account, _ = self.arns[0].split(":", 5)
        return account, region

    def require(self, action: str) -> None:
        """Raises ActionError unless the experiment's role may do this to each of the resources."""
        for arn in self.arns:
            if not role_allows(self.role_arn, action, arn):
                raise ActionError(f"{self.role_arn} is not authorized to perform {action} on {arn}")


@dataclass(frozen=True)
class Action:
    """`begin` does it, and raises ActionError or DatabaseError; `end` undoes it, after its duration or when stopped."""

    target_key: str
    resource_type: str
    begin: Callable[[Doing], None]
    end: Callable[[Doing], None] | None = None
    parameters: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    """Those that it must have, and the values that they may have here; None: any."""


def check(name: str, given: Mapping[str, Any]) -> None:
    """Raises AwsError for an action that cannot be done here."""
    action = ACTIONS.get(given["actionId"])
    if action is None:
        raise AwsError("ValidationException", f"The local AWS does not have the action {given['actionId']}.")
    if given.get("startAfter"):
        raise AwsError("ValidationException", f"Action {name}: the local AWS begins all actions at once.")
    if set(given.get("targets") or {}) != {action.target_key}:
        raise AwsError("ValidationException", f"Action {name} must have a target for {action.target_key}.")
    parameters = given.get("parameters") or {}
    for parameter, values in action.parameters.items():
        value = parameters.get(parameter)
        if value is None or (values is not None and value not in values):
            raise AwsError("ValidationException", f"Action {name}: {parameter} cannot be {value} here.")
    if action.end:
        seconds_of(parameters)


def seconds_of(parameters: Mapping[str, str]) -> float:
    """The duration among an action's parameters. Raises AwsError for one that is none or shorter than a minute."""
    match = DURATION.fullmatch(parameters.get("duration", ""))
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    total = hours * 3600 + minutes * 60 + seconds
    if total < 60:
        raise AwsError("ValidationException", f"{parameters.get('duration')} is no duration of at least a minute.")
    return total


def fail_over(doing: Doing) -> None:
    """Ends the database of each cluster's writer; the cluster fails over by itself, and the lost one comes back."""
    doing.require("rds:FailoverDBCluster")
    for arn in doing.arns:
        _lose_writer(cluster_by_arn(arn))


def _lose_writer(cluster: DBCluster) -> None:
    service, writer = databases.running(), cluster.writer
    if writer is None:
        raise ActionError(f"{cluster.arn} has no writer")
    service.lose_instance(writer)
    deadline = time.monotonic() + (REPLACED_SECONDS if len(cluster.members) > 1 else ALONE_SECONDS)
    while cluster.writer is writer and time.monotonic() < deadline:
        time.sleep(0.1)
    if not placement.is_cut(writer):
        service.bring_instance_back(writer)


def disconnect(doing: Doing) -> None:
    """Cuts subnets off: databases in them are lost, tasks end and are started elsewhere."""
    doing.require("ec2:ReplaceNetworkAclAssociation")
    subnets = subnet_ids(doing.arns)
    outages.cut(doing.experiment, subnets)
    account, region = doing.place
    for task in placement.tasks_in(account, region, subnets):
        task.stop("TaskFailedToStart", "Its subnet has no network")
        task.kill()
    service = databases.running()
    for instance in placement.instances_in(account, region, subnets):
        if not service.is_lost(instance):
            service.lose_instance(instance)
    for cluster in placement.clusters_of(account, region):
        if placement.all_cut(cluster) and not service.is_away(cluster):
            service.take_away(cluster)


def connect(doing: Doing) -> None:
    """Connects subnets again; once an experiment has cut off none any more, the databases in all of them come back."""
    account, region = doing.place
    with _ending:
        if not outages.restore(doing.experiment, subnet_ids(doing.arns)):
            return
        for cluster in placement.clusters_of(account, region):
            _bring_back(cluster)


def _bring_back(cluster: DBCluster) -> None:
    """The writer comes first: a reader that were there alone would take its place."""
    service = databases.running()
    if service.is_away(cluster) and not placement.all_cut(cluster):
        service.bring_back(cluster)
    for instance in sorted(cluster.members, key=lambda one: not one.is_cluster_writer):
        if service.is_lost(instance) and not placement.is_cut(instance):
            service.bring_instance_back(instance)


def stop_tasks(doing: Doing) -> None:
    """Ends tasks; their service starts others."""
    doing.require("ecs:StopTask")
    account, region = doing.place
    tasks = containers.tasks_in(account, region)
    for arn in doing.arns:
        if arn in tasks:
            tasks[arn].stop("UserInitiated", f"Task stopped by experiment {doing.experiment}")


ACTIONS = {
    "aws:rds:failover-db-cluster": Action("Clusters", CLUSTER, fail_over),
    "aws:network:disrupt-connectivity": Action(
        "Subnets", SUBNET, disconnect, connect, {"duration": None, "scope": frozenset({"all"})}
    ),
    "aws:ecs:stop-task": Action("Tasks", TASK, stop_tasks),
}
