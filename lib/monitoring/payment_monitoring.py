"""What is watched around the payment function in one Region."""

from __future__ import annotations

from collections.abc import Sequence

from lib.monitoring.alarms import Alarm
from lib.monitoring.dashboard import Graph
from lib.monitoring.monitoring import Monitoring
from lib.monitoring.payment_alarms import payment_alarms
from lib.monitoring.payment_graphs import payment_graphs
from lib.monitoring.payment_metrics import Measured
from lib.region import Region


def payment_monitoring(
    region: Region,
    *,
    measured: Measured,
    topic_arn: str,
    alarms: Sequence[Alarm] = (),
    graphs: Sequence[Graph] = (),
) -> Monitoring:
    """Watch the payments, and what `alarms` and `graphs` add to them."""
    return Monitoring(
        region,
        topic_arn=topic_arn,
        alarms=[*payment_alarms(measured), *alarms],
        graphs=[*payment_graphs(measured), *graphs],
    )
