"""Alarms that make a deployment of the payment service go back."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm

from lib.region import Region

ERRORS = 10
SECONDS = 60


class RollbackAlarms:
    """One for each target group, on the errors that its tasks answer with; they know nothing of the service itself.

    `target_groups` are the groups' ARN suffixes by what they are called, such as `blue`. `topic_arn` is told too.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """

    def __init__(self, region: Region, *, load_balancer: str, target_groups: Mapping[str, str], topic_arn: str) -> None:
        """`load_balancer` is the load balancer's ARN suffix."""
        self.alarms = [
            region.add(
                CloudwatchMetricAlarm,
                f"service_errors_{group}_alarm",
                alarm_name=region.settings.name(f"service-errors-{group}"),
                alarm_description=f"Tasks in target group {group} answer with errors of their own: deployments go back",
                namespace="AWS/ApplicationELB",
                metric_name="HTTPCode_Target_5XX_Count",
                dimensions={"LoadBalancer": load_balancer, "TargetGroup": suffix},
                statistic="Sum",
                period=SECONDS,
                evaluation_periods=1,
                comparison_operator="GreaterThanThreshold",
                threshold=ERRORS,
                treat_missing_data="notBreaching",
                alarm_actions=[topic_arn],
                ok_actions=[topic_arn],
            )
            for group, suffix in target_groups.items()
        ]
        self.names = [alarm.alarm_name for alarm in self.alarms]
        self.arns = [alarm.arn for alarm in self.alarms]
