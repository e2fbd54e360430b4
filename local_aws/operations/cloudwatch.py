"""CloudWatch: composite alarms."""

from local_aws.calls import Call
from local_aws.operations.cloudwatch_alarms import begin
from local_aws.registry import operation


@operation("cloudwatch", "PutCompositeAlarm")
def put_composite_alarm(call: Call) -> None:
    """Writes a composite alarm as moto keeps alarms."""
    given = call.params
    before = call.backend().alarms.get(given["AlarmName"])
    alarm = call.backend().put_metric_alarm(
        name=given["AlarmName"],
        rule=given["AlarmRule"],
        description=given.get("AlarmDescription"),
        actions_enabled=given.get("ActionsEnabled", True),
        alarm_actions=given.get("AlarmActions", []),
        ok_actions=given.get("OKActions"),
        insufficient_data_actions=given.get("InsufficientDataActions"),
        tags=given.get("Tags"),
        dimensions=[],
        **dict.fromkeys(
            [
                "namespace",
                "metric_name",
                "comparison_operator",
                "evaluation_periods",
                "period",
                "threshold",
                "statistic",
            ]
        ),
    )
    begin(alarm, before)
    for name in ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"):
        if name in given:
            setattr(alarm, name, given[name])
