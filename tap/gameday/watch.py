"""What an environment does about a fault by itself: alarms that go on, state machines that begin and end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tap.recovery.site import Site


@dataclass(frozen=True)
class Reaction:
    """What happened, and how many seconds after the fault it was seen."""

    seconds: float
    text: str


class Watch:
    """Looks at the alarms and the state machines of all Regions of an environment."""

    def __init__(self, sites: tuple[Site, ...], suffix: str) -> None:
        self._sites = sites
        self._suffix = suffix
        self._seen: set[str] = set()
        self.reactions: list[Reaction] = []
        self._fault_at: float | None = None

    def begin(self) -> None:
        """Everything that is to be seen from now on is a reaction."""
        self._look()
        self.reactions.clear()
        self._fault_at = time.time()

    def look(self) -> None:
        """Keeps what is new. A Region that does not answer has nothing to tell."""
        self._look()

    def alarmed(self, name: str) -> bool:
        """Whether an alarm with this in its name was seen on since the fault."""
        return any(name in reaction.text and "is on" in reaction.text for reaction in self.reactions)

    def _look(self) -> None:
        for site in self._sites:
            try:
                self._alarms(site)
                self._executions(site)
            except (ClientError, BotoCoreError):
                continue

    def _alarms(self, site: Site) -> None:
        pages = site.client("cloudwatch").get_paginator("describe_alarms")
        kinds = ["MetricAlarm", "CompositeAlarm"]
        for page in pages.paginate(AlarmNamePrefix="payment-", StateValue="ALARM", AlarmTypes=kinds):
            for alarm in [*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())]:
                if alarm["AlarmName"].endswith(f"-{self._suffix}"):
                    self._say(f"{site.region}: alarm {alarm['AlarmName']} is on")

    def _executions(self, site: Site) -> None:
        client: Any = site.client("stepfunctions")
        for page in client.get_paginator("list_state_machines").paginate():
            for machine in page["stateMachines"]:
                if machine["name"].endswith(f"-failover-{self._suffix}") or "-failover-" in machine["name"]:
                    self._executions_of(client, site, machine)

    def _executions_of(self, client: Any, site: Site, machine: dict[str, Any]) -> None:
        if not machine["name"].endswith(f"-{self._suffix}"):
            return
        listed = client.list_executions(stateMachineArn=machine["stateMachineArn"], maxResults=5)["executions"]
        for execution in listed:
            text = f"{site.region}: {machine['name']} {execution['name'][:40]} is {execution['status']}"
            self._say(text)

    def _say(self, text: str) -> None:
        if text not in self._seen:
            self._seen.add(text)
            since = time.time() - self._fault_at if self._fault_at else 0.0
            self.reactions.append(Reaction(round(since, 1), text))
