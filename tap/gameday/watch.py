"""What an environment does about a fault by itself: alarms that go on, state machines that begin and end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tap.recovery.site import Site
from tap.recovery.workflow import REGION_FAILOVER, WRITER_FAILOVER

ON = " is on"
LATEST = 5


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
        self._now: dict[str, set[str]] = {}
        self._fault_at: float | None = None
        self.reactions: list[Reaction] = []

    def begin(self) -> None:
        """Everything that becomes true from now on is a reaction."""
        self.look()
        self.reactions.clear()
        self._fault_at = time.time()

    def look(self) -> None:
        """Keeps what is new. A Region that does not answer has nothing to tell."""
        for site in self._sites:
            try:
                now = {*self._alarms(site), *self._executions(site)}
            except (ClientError, BotoCoreError):
                continue
            for text in sorted(now - self._now.get(site.region, set())):
                since = time.time() - self._fault_at if self._fault_at else 0.0
                self.reactions.append(Reaction(round(since, 1), f"{site.region}: {text}"))
            self._now[site.region] = now

    def alarmed(self) -> bool:
        """Whether an alarm went on since the fault."""
        return any(reaction.text.endswith(ON) for reaction in self.reactions)

    def _alarms(self, site: Site) -> Iterator[str]:
        pages = site.client("cloudwatch").get_paginator("describe_alarms")
        kinds = ["MetricAlarm", "CompositeAlarm"]
        for page in pages.paginate(AlarmNamePrefix="payment-", StateValue="ALARM", AlarmTypes=kinds):
            for alarm in [*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())]:
                if alarm["AlarmName"].endswith(f"-{self._suffix}"):
                    yield f"alarm {alarm['AlarmName']}{ON}"

    def _executions(self, site: Site) -> Iterator[str]:
        client: Any = site.client("stepfunctions")
        names = {site.environment.name(base) for base in (WRITER_FAILOVER, REGION_FAILOVER)}
        for page in client.get_paginator("list_state_machines").paginate():
            for machine in page["stateMachines"]:
                if machine["name"] in names:
                    yield from _states(client, machine)


def _states(client: Any, machine: dict[str, Any]) -> Iterator[str]:
    """The latest executions of a state machine, each with its state."""
    listed = client.list_executions(stateMachineArn=machine["stateMachineArn"], maxResults=LATEST)["executions"]
    for execution in listed:
        yield f"{machine['name']} {execution['name']} is {execution['status']}"
