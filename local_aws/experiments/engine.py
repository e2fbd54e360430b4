"""Runs an experiment on a thread of its own: finds the targets, does the actions, waits, undoes them."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from local_aws.databases.errors import DatabaseError
from local_aws.errors import AwsError
from local_aws.experiments import actions, targets
from local_aws.experiments.actions import ACTIONS, ActionError, Doing
from local_aws.experiments.experiment import Experiment
from local_aws.turn import TURN

SPEED = float(os.environ.get("LOCAL_AWS_WAIT_SPEED", "1"))
"""How many times faster durations pass."""

LOOK_SECONDS = 0.2
"""Time between two looks at the alarms of the stop conditions."""

log = logging.getLogger(__name__)


def begin(experiment: Experiment) -> None:
    """Runs it, in the background."""
    threading.Thread(target=_run, args=[experiment], daemon=True, name=experiment.id).start()


def _run(experiment: Experiment) -> None:
    experiment.become("initiating")
    try:
        found = _resolved(experiment)
    except (ActionError, AwsError) as error:
        _cancel(experiment)
        experiment.become("failed", str(error))
        return
    experiment.become("running")
    threads = [threading.Thread(target=_do, args=[experiment, name, arns], daemon=True) for name, arns in found.items()]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if alarm := _alarm_on(experiment):
            experiment.stop(f"Experiment was stopped by the stop condition {alarm}")
        time.sleep(LOOK_SECONDS)
    failed = [action["state"] for action in experiment.actions.values() if action["state"]["status"] == "failed"]
    if failed:
        experiment.become("failed", failed[0]["reason"])
    elif experiment.stopping.is_set():
        experiment.become("stopped", experiment.stop_reason)
    else:
        experiment.become("completed")


def _resolved(experiment: Experiment) -> dict[str, list[str]]:
    """The resources of each action that is to be done. Raises ActionError where there are none, and must be some."""
    found: dict[str, list[str]] = {}
    for name, action in experiment.actions.items():
        (target,) = action["targets"].values()
        with TURN:
            arns = targets.resolve(experiment.account, experiment.region, experiment.targets[target])
        if arns:
            found[name] = arns
        elif experiment.options["emptyTargetResolutionMode"] == "skip":
            experiment.mark(name, "skipped", "Target resolution returned empty set")
        else:
            raise ActionError(f"Target resolution returned empty set for target {target}")
    return found


def _cancel(experiment: Experiment) -> None:
    for name in experiment.actions:
        experiment.mark(name, "cancelled")


def _do(experiment: Experiment, name: str, arns: list[str]) -> None:
    given = experiment.actions[name]
    action, doing = ACTIONS[given["actionId"]], Doing(experiment.id, experiment.role_arn, arns)
    experiment.mark(name, "running")
    end = "completed"
    try:
        action.begin(doing)
        if action.end and experiment.stopping.wait(actions.seconds_of(given["parameters"]) / SPEED):
            end = "stopped"
    except (ActionError, DatabaseError) as error:
        experiment.mark(name, "failed", str(error))
        end = ""
    except Exception as error:
        log.exception("%s of %s failed", name, experiment.id)
        experiment.mark(name, "failed", f"The local AWS failed: {error}")
        end = ""
    try:
        if action.end:
            action.end(doing)
    except Exception as error:
        log.exception("%s of %s could not be undone", name, experiment.id)
        experiment.mark(name, "failed", f"The local AWS failed: {error}")
        end = ""
    if end:
        experiment.mark(name, end)


def _alarm_on(experiment: Experiment) -> str:
    """The name of an alarm of the stop conditions that is on; empty if there is none."""
    return next((name for name, alarm in _alarms(experiment) if alarm.state_value == "ALARM"), "")


def _alarms(experiment: Experiment) -> Iterator[tuple[str, Any]]:
    alarms = cloudwatch_backends[experiment.account][experiment.region].alarms
    for condition in experiment.stop_conditions:
        name = str(condition.get("value") or "").rpartition(":alarm:")[2]
        if condition["source"] != "none" and name in alarms:
            yield name, alarms[name]
