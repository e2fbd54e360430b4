"""What an alarm's change of state is told as: the message to a topic, the event on the bus, the items of its history.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.cloudwatch.models import Alarm

MESSAGE_TIME = "%Y-%m-%dT%H:%M:%S.%f"


@dataclass(frozen=True)
class Change:
    """An alarm has gone from one state to another."""

    alarm: Alarm
    account: str
    region: str
    before: str
    after: str
    reason: str
    reason_data: str
    moment: datetime

    @property
    def is_composite(self) -> bool:
        return self.alarm.rule is not None

    @property
    def actions(self) -> list[str]:
        """ARNs of what is to be done."""
        alarm = self.alarm
        if not alarm.actions_enabled:
            return []
        by_state = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}
        return list(by_state.get(self.after, alarm.insufficient_data_actions) or [])

    @property
    def subject(self) -> str:
        """The subject of the message, of 100 characters at most."""
        return f'{self.after}: "{self.alarm.name}" in {self.region}'[:100]

    def message(self) -> str:
        """What a topic gets."""
        alarm = self.alarm
        told: dict[str, Any] = {
            "AlarmName": alarm.name,
            "AlarmDescription": alarm.description,
            "AWSAccountId": self.account,
            "NewStateValue": self.after,
            "NewStateReason": self.reason,
            "StateChangeTime": f"{self.moment:{MESSAGE_TIME}}"[:-3] + "+0000",
            "Region": self.region,
            "AlarmArn": alarm.alarm_arn,
            "OldStateValue": self.before,
            "OKActions": alarm.ok_actions,
            "AlarmActions": alarm.alarm_actions,
            "InsufficientDataActions": alarm.insufficient_data_actions,
        }
        if self.is_composite:
            return json.dumps({**told, "AlarmRule": alarm.rule})
        return json.dumps({**told, "Trigger": self._trigger()})

    def event(self) -> dict[str, Any]:
        """The entry for the default bus."""
        alarm = self.alarm
        configuration: dict[str, Any] = {"description": alarm.description}
        if self.is_composite:
            configuration["alarmRule"] = alarm.rule
        elif alarm.metric_name:
            metric = {
                "namespace": alarm.namespace,
                "name": alarm.metric_name,
                "dimensions": {one.name: one.value for one in alarm.dimensions},
            }
            stat = {"metric": metric, "period": alarm.period, "stat": alarm.statistic or alarm.extended_statistic}
            configuration["metrics"] = [{"id": "m1", "metricStat": stat, "returnData": True}]
        detail = {
            "alarmName": alarm.name,
            "state": {
                "value": self.after,
                "reason": self.reason,
                "reasonData": self.reason_data,
                "timestamp": f"{self.moment:{MESSAGE_TIME}}"[:-3] + "+0000",
            },
            "previousState": {"value": self.before},
            "configuration": configuration,
        }
        return {
            "Source": "aws.cloudwatch",
            "DetailType": "CloudWatch Alarm State Change",
            "Resources": [alarm.alarm_arn],
            "Detail": json.dumps(detail),
            "EventBusName": "default",
        }

    def history_item(self, kind: str, summary: str, **data: object) -> dict[str, Any]:
        """An item of DescribeAlarmHistory."""
        return {
            "AlarmName": self.alarm.name,
            "AlarmType": "CompositeAlarm" if self.is_composite else "MetricAlarm",
            "Timestamp": self.moment,
            "HistoryItemType": kind,
            "HistorySummary": summary,
            "HistoryData": json.dumps(data),
        }

    def _trigger(self) -> dict[str, Any]:
        alarm = self.alarm
        return {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "StatisticType": "Statistic",
            "Statistic": (alarm.statistic or "").upper(),
            "Dimensions": [{"name": one.name, "value": one.value} for one in alarm.dimensions],
            "Period": alarm.period,
            "EvaluationPeriods": alarm.evaluation_periods,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "missing",
        }
