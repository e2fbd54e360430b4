"""CloudWatch: alarms that are evaluated, and what they were."""

import threading
from typing import Any

from moto.logs.models import LogsBackend

from local_aws import functions
from local_aws.alarms import observations
from local_aws.alarms.evaluator import Evaluator, set_by_hand
from local_aws.alarms.transitions import act, change_state, history_of
from local_aws.calls import Call
from local_aws.registry import Output, Plain, installs, operation, patch, repairs

KEPT = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history", "history_items")
"""What an alarm keeps when it is put again."""

DEFAULT_HISTORY = 100


@installs
def evaluate_alarms() -> None:
    """Starts the evaluation of alarms; it ends with the process."""
    functions.install()
    threading.Thread(target=Evaluator().run, daemon=True, name="alarms").start()


@installs
def read_metrics_in_logs() -> None:
    """moto takes log lines in the embedded metric format for lines and no more."""
    plain: Any = LogsBackend.put_log_events

    def put_log_events(backend: Any, group: str, stream: str, events: list[dict[str, Any]]) -> Any:
        answer = plain(backend, group, stream, events)
        observations.lines_logged((backend.account_id, backend.region_name), [event["message"] for event in events])
        return answer

    patch(LogsBackend, put_log_events=put_log_events)


@repairs("cloudwatch", "PutMetricAlarm")
def keep_state(call: Call, plain: Plain) -> Output:
    """moto's new alarms are OK, and one that is put again begins anew."""
    alarms, name = call.backend().alarms, call.params["AlarmName"]
    before = alarms.get(name)
    output = plain()
    begin(alarms[name], before)
    return output


def begin(alarm: Any, before: Any) -> None:
    """Gives an alarm that was put the state it had before, or that of a new one."""
    if before is None:
        alarm.state_value = "INSUFFICIENT_DATA"
        return
    vars(alarm).update({name: value for name, value in vars(before).items() if name in KEPT})


@repairs("cloudwatch", "SetAlarmState")
def change_by_hand(call: Call, plain: Plain) -> Output:
    """moto sets the state, and nothing follows from it."""
    backend, given = call.backend(), call.params
    alarm = backend.alarms.get(given["AlarmName"])
    before = alarm.state_value if alarm else None
    output = plain()
    set_by_hand(alarm)
    if before != alarm.state_value:
        alarm.state_value = before
        change = change_state(
            backend, alarm, given["StateValue"], given["StateReason"], given.get("StateReasonData") or "{}"
        )
        threading.Thread(target=act, args=[change], daemon=True).start()
    return output


@operation("cloudwatch", "DescribeAlarmHistory")
def describe_alarm_history(call: Call) -> Output:
    """What has happened to an alarm, or to all of them, the latest first."""
    given = call.params
    name, kind = given.get("AlarmName"), given.get("HistoryItemType")
    items = [
        item
        for alarm in call.backend().alarms.values()
        if name in (None, alarm.name)
        for item in history_of(alarm)
        if kind in (None, item["HistoryItemType"])
        and item["AlarmType"] in (given.get("AlarmTypes") or [item["AlarmType"]])
    ]
    latest_first = given.get("ScanBy") != "TimestampAscending"
    items.sort(key=lambda item: item["Timestamp"], reverse=latest_first)
    return {"AlarmHistoryItems": items[: int(given.get("MaxRecords") or DEFAULT_HISTORY)]}
