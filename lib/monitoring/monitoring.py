"""Alarms and dashboard of one Region."""

from __future__ import annotations

from collections.abc import Sequence

from lib.monitoring.alarms import Alarm, Alarms
from lib.monitoring.dashboard import Dashboard, Graph, payment_graphs
from lib.monitoring.payment_alarms import payment_alarms
from lib.monitoring.payment_metrics import Measured
from lib.region import Region


class Monitoring:
    """Composes what is watched: the payments, and what `alarms` and `graphs` add to them."""

    def __init__(
        self,
        region: Region,
        *,
        measured: Measured,
        topic_arn: str,
        alarms: Sequence[Alarm] = (),
        graphs: Sequence[Graph] = (),
    ) -> None:
        self._alarms = Alarms(region, topic_arn=topic_arn, alarms=[*payment_alarms(measured), *alarms])
        self._dashboard = Dashboard(region, alarm_arns=self._alarms.arns, graphs=[*payment_graphs(measured), *graphs])

    def outputs(self) -> dict[str, str]:
        return {
            "service_alarm_name": self._alarms.service.alarm_name,
            "dashboard_name": self._dashboard.dashboard.dashboard_name,
        }
