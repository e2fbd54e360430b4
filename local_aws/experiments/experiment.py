"""An experiment: a template's copy that runs once.

https://docs.aws.amazon.com/fis/latest/userguide/view-experiment-progress.html
"""

import threading
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

ENDED = frozenset({"completed", "stopped", "failed", "cancelled"})
REASONS = {
    "pending": "Experiment is pending",
    "initiating": "Experiment is initiating",
    "running": "Experiment is running",
    "completed": "Experiment completed",
    "stopping": "Experiment is stopping",
}


class Experiment:
    """`stop` lets it end early."""

    def __init__(self, template: Any, tags: Mapping[str, str]) -> None:
        self.id = f"EXP{uuid4().hex[:15]}"
        self.template_id = str(template.id)
        self.account, self.region = str(template.account_id), str(template.region_name)
        self.role_arn = str(template.role_arn)
        self.targets: dict[str, dict[str, Any]] = deepcopy(template.targets or {})
        self.actions: dict[str, dict[str, Any]] = deepcopy(template.actions)
        self.stop_conditions: list[dict[str, Any]] = deepcopy(template.stop_conditions)
        self.log_configuration = deepcopy(template.log_configuration)
        self.tags = dict(tags)
        options = template.experiment_options or {}
        self.options = {
            "accountTargeting": options.get("accountTargeting", "single-account"),
            "emptyTargetResolutionMode": options.get("emptyTargetResolutionMode", "fail"),
            "actionsMode": "run-all",
        }
        self.created = datetime.now(UTC)
        self.started: datetime | None = None
        self.ended: datetime | None = None
        self.stopping = threading.Event()
        self.stop_reason = "Experiment was stopped by the user"
        self._turn = threading.Lock()
        self.status, self.reason = "", ""
        self.become("pending")
        for action in self.actions.values():
            action["state"] = {"status": "pending", "reason": "Initial state"}

    @property
    def arn(self) -> str:
        return f"arn:aws:fis:{self.region}:{self.account}:experiment/{self.id}"

    def stop(self, reason: str = "") -> None:
        """Ends it early, in the background; one that has ended stays as it is."""
        with self._turn:
            if self.status not in ENDED and not self.stopping.is_set():
                self.stop_reason = reason or self.stop_reason
                self.status, self.reason = "stopping", REASONS["stopping"]
                self.stopping.set()

    def become(self, status: str, reason: str = "") -> None:
        """Goes on to another state, unless that is to run while it is being stopped."""
        with self._turn:
            if status == "running":
                self.started = datetime.now(UTC)
                if self.stopping.is_set():
                    return
            self.status, self.reason = status, reason or REASONS.get(status, status)
            if status in ENDED:
                self.ended = datetime.now(UTC)

    def mark(self, action: str, status: str, reason: str = "") -> None:
        """Sets the state of an action."""
        own = self.actions[action]
        own["state"] = {"status": status, "reason": reason or f"Action is {status}"}
        own.setdefault("startTime", datetime.now(UTC))
        if status in (*ENDED, "skipped"):
            own["endTime"] = datetime.now(UTC)

    def summary(self) -> dict[str, Any]:
        """As ListExperiments shows it."""
        return {
            "id": self.id,
            "arn": self.arn,
            "experimentTemplateId": self.template_id,
            "state": {"status": self.status, "reason": self.reason},
            "creationTime": self.created,
            "tags": self.tags,
            "experimentOptions": self.options,
        }

    def description(self) -> dict[str, Any]:
        """As GetExperiment shows it."""
        shown = {
            **self.summary(),
            "roleArn": self.role_arn,
            "targets": self.targets,
            "actions": deepcopy(self.actions),
            "stopConditions": self.stop_conditions,
            "startTime": self.started,
            "endTime": self.ended,
            "logConfiguration": self.log_configuration,
            "targetAccountConfigurationsCount": 0,
        }
        return {name: value for name, value in shown.items() if value is not None}
