"""Alarms and dashboard of one Region."""

from __future__ import annotations

from collections.abc import Sequence

from lib.monitoring.alarms import Alarm, Alarms
from lib.monitoring.dashboard import Dashboard, Graph
from lib.region import Region


class Monitoring:
    """Composes what is watched and what is shown."""

    def __init__(self, region: Region, *, topic_arn: str, alarms: Sequence[Alarm], graphs: Sequence[Graph]) -> None:
        self._alarms = Alarms(region, topic_arn=topic_arn, alarms=alarms)
        self._dashboard = Dashboard(region, alarm_arns=self._alarms.arns, graphs=graphs)

    def outputs(self) -> dict[str, str]:
        return {
            "service_alarm_name": self._alarms.service.alarm_name,
            "dashboard_name": self._dashboard.dashboard.dashboard_name,
        }
