"""Alarms on what breaks payments, each telling the alerts topic, and one composite alarm for the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cdktf_cdktf_provider_aws.cloudwatch_composite_alarm import CloudwatchCompositeAlarm
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm

from lib.region import Region

FIVE_MINUTES = 300
Statistic = Literal["Sum", "Average", "Minimum", "Maximum", "p99"]
PERCENTILES = ("p99",)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One metric compared with a threshold; `payments_stop` puts it into the composite alarm of the service.

    `missing_data` says what it means when nothing was measured: all is well, or what measures has stopped. A percentile
    of too few values to have one says nothing, and leaves the alarm as it is.
    """

    name: str
    description: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: Statistic
    threshold: float
    comparison: Literal["GreaterThanThreshold", "LessThanThreshold"] = "GreaterThanThreshold"
    period_seconds: int = FIVE_MINUTES
    periods: int = 1
    payments_stop: bool = False
    missing_data: Literal["notBreaching", "breaching"] = "notBreaching"


class Alarms:
    """CloudWatch alarms named `payment-{name}-{suffix}`."""

    def __init__(self, region: Region, *, topic_arn: str, alarms: Sequence[Alarm]) -> None:
        self._region = region
        self._topic_arn = topic_arn
        self.metric_alarms = {alarm.name: self._metric_alarm(alarm) for alarm in alarms}
        stopping = [self.metric_alarms[alarm.name] for alarm in alarms if alarm.payments_stop]
        self.service = region.add(
            CloudwatchCompositeAlarm,
            "service_alarm",
            alarm_name=region.settings.name("service"),
            alarm_description="Payments are failing: see which of the alarms in the rule is on",
            alarm_rule=" OR ".join(f'ALARM("{alarm.alarm_name}")' for alarm in stopping),
            alarm_actions=[topic_arn],
            ok_actions=[topic_arn],
        )

    @property
    def arns(self) -> list[str]:
        return [self.service.arn, *(alarm.arn for alarm in self.metric_alarms.values())]

    def _metric_alarm(self, alarm: Alarm) -> CloudwatchMetricAlarm:
        percentile = alarm.statistic in PERCENTILES
        return self._region.add(
            CloudwatchMetricAlarm,
            f"{alarm.name.replace('-', '_')}_alarm",
            alarm_name=self._region.settings.name(alarm.name),
            alarm_description=alarm.description,
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions=dict(alarm.dimensions),
            statistic=None if percentile else alarm.statistic,
            extended_statistic=alarm.statistic if percentile else None,
            evaluate_low_sample_count_percentiles="ignore" if percentile else None,
            period=alarm.period_seconds,
            evaluation_periods=alarm.periods,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            treat_missing_data=alarm.missing_data,
            alarm_actions=[self._topic_arn],
            ok_actions=[self._topic_arn],
        )
