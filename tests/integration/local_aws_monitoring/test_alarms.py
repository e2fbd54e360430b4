"""Alarms turn with their metrics, follow one another, and are heard of."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_aws.conftest import ACCOUNT, REGION, Cloud
from tests.integration.local_aws_containers.surroundings import eventually
from tests.integration.local_aws_monitoring.noticed import (
    MINUTE,
    Listener,
    alarm,
    policy,
    put_alarm,
    put_load,
    queue,
    received,
    stays,
    turns,
)


def test_an_alarm_turns_with_its_metric_and_tells_its_topic(cloud: Cloud) -> None:
    listener = Listener(cloud, "turning")
    topic = [listener.topic]
    name = put_alarm(cloud, "turning", AlarmActions=topic, OKActions=topic, InsufficientDataActions=topic)
    assert turns(cloud, name, "OK")
    put_load(cloud, name, 7, 7)
    assert turns(cloud, name, "ALARM")
    now = alarm(cloud, name)
    assert now["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [14]")
    assert json.loads(now["StateReasonData"])["recentDatapoints"] == [14.0]
    assert turns(cloud, name, "OK")
    assert listener.hears(3) == [(name, "OK"), (name, "ALARM"), (name, "OK")]
    items = cloud.cloudwatch.describe_alarm_history(AlarmName=name, ScanBy="TimestampAscending")["AlarmHistoryItems"]
    updates = [item["HistorySummary"] for item in items if item["HistoryItemType"] == "StateUpdate"]
    assert updates == [
        "Alarm updated from INSUFFICIENT_DATA to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from ALARM to OK",
    ]
    actions = cloud.cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="Action")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in actions] == [f"Successfully executed action {listener.topic}"] * 3


def test_a_change_of_state_is_an_event_on_the_default_bus(cloud: Cloud) -> None:
    url, arn = queue(cloud, "events")
    pattern = {"source": ["aws.cloudwatch"], "detail": {"alarmName": ["told"], "state": {"value": ["ALARM"]}}}
    cloud.events.put_rule(Name="alarms", EventPattern=json.dumps(pattern), State="ENABLED")
    cloud.events.put_targets(Rule="alarms", Targets=[{"Id": "queue", "Arn": arn}])
    name = put_alarm(cloud, "told")
    assert turns(cloud, name, "OK")
    put_load(cloud, name, 11)
    found: list[dict[str, Any]] = eventually(lambda: received(cloud, url))
    (event,) = found
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["resources"] == [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:told"]
    assert event["detail"]["previousState"]["value"] == "OK"
    (metric,) = event["detail"]["configuration"]["metrics"]
    assert metric["metricStat"]["metric"] == {"namespace": "it", "name": "load", "dimensions": {"Of": "told"}}


@pytest.mark.parametrize(
    ("treatment", "state"),
    [("missing", "INSUFFICIENT_DATA"), ("ignore", "INSUFFICIENT_DATA"), ("breaching", "ALARM"), ("notBreaching", "OK")],
)
def test_an_alarm_without_data_does_what_it_says(cloud: Cloud, treatment: str, state: str) -> None:
    name = put_alarm(cloud, f"without-{treatment}", TreatMissingData=treatment, EvaluationPeriods=2)
    assert turns(cloud, name, state)
    assert stays(cloud, name, state)


def test_two_of_three_periods_turn_an_alarm_on(cloud: Cloud) -> None:
    name = put_alarm(cloud, "two-of-three", EvaluationPeriods=3, DatapointsToAlarm=2, Period=2 * MINUTE)
    put_load(cloud, name, 11)
    assert turns(cloud, name, "OK")
    assert stays(cloud, name, "OK", 1.0)
    time.sleep(1.2)
    put_load(cloud, name, 11)
    assert turns(cloud, name, "ALARM")


def test_a_composite_alarm_follows_its_rule(cloud: Cloud) -> None:
    listener = Listener(cloud, "composite")
    one, other = put_alarm(cloud, "one"), put_alarm(cloud, "other")
    rule = f'ALARM("{one}") AND NOT (ALARM("{other}") OR FALSE)'
    cloud.cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule=rule, AlarmActions=[listener.topic])
    cloud.cloudwatch.put_composite_alarm(
        AlarmName="above", AlarmRule=f"OK(arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:both)"
    )
    assert turns(cloud, "both", "OK")
    assert turns(cloud, "above", "ALARM")
    cloud.cloudwatch.set_alarm_state(AlarmName=one, StateValue="ALARM", StateReason="it")
    assert turns(cloud, "both", "ALARM")
    assert turns(cloud, "above", "OK")
    assert eventually(listener.heard) == [("both", "ALARM")]
    for name in (one, other):
        cloud.cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="it")
    assert turns(cloud, "both", "OK")


def test_a_state_set_by_hand_acts_and_lasts_until_the_alarm_is_looked_at(cloud: Cloud) -> None:
    listener = Listener(cloud, "by-hand")
    name = put_alarm(cloud, "by-hand", AlarmActions=[listener.topic])
    assert turns(cloud, name, "OK")
    cloud.cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a drill")
    assert alarm(cloud, name)["StateReason"] == "a drill"
    assert eventually(listener.heard) == [(name, "ALARM")]
    assert turns(cloud, name, "OK")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        cloud.cloudwatch.set_alarm_state(AlarmName="nobody", StateValue="OK", StateReason="it")


def test_an_alarm_that_is_put_again_keeps_its_state(cloud: Cloud) -> None:
    name = put_alarm(cloud, "again", TreatMissingData="ignore")
    put_load(cloud, name, 11)
    assert turns(cloud, name, "ALARM")
    put_alarm(cloud, "again", TreatMissingData="ignore", AlarmDescription="more")
    assert (alarm(cloud, name)["StateValue"], alarm(cloud, name)["AlarmDescription"]) == ("ALARM", "more")
    assert stays(cloud, name, "ALARM")


def test_alarms_do_nothing_without_permission_or_when_disabled(cloud: Cloud) -> None:
    listener = Listener(cloud, "closed")
    others = policy({"Service": "events.amazonaws.com"})
    cloud.sns.set_topic_attributes(TopicArn=listener.topic, AttributeName="Policy", AttributeValue=others)
    refused = put_alarm(cloud, "refused", AlarmActions=[listener.topic])
    silent = put_alarm(cloud, "silent", AlarmActions=[listener.topic], ActionsEnabled=False)
    for name in (refused, silent):
        assert turns(cloud, name, "OK")
        put_load(cloud, name, 11)
        assert turns(cloud, name, "ALARM")

    def actions(name: str) -> list[str]:
        found = cloud.cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="Action")
        return [item["HistorySummary"] for item in found["AlarmHistoryItems"]]

    assert eventually(lambda: actions(refused)) == [f"Failed to execute action {listener.topic}"]
    assert (actions(silent), listener.heard()) == ([], [])


def test_an_alarm_may_be_on_what_follows_from_several_metrics(cloud: Cloud) -> None:
    def series(identity: str) -> dict[str, Any]:
        metric = {"Namespace": "it", "MetricName": "load", "Dimensions": [{"Name": "Of", "Value": identity}]}
        stat = {"Metric": metric, "Period": MINUTE, "Stat": "Sum"}
        return {"Id": identity, "MetricStat": stat, "ReturnData": False}

    share = {"Id": "share", "Expression": "100 * failed / asked", "ReturnData": True}
    cloud.cloudwatch.put_metric_alarm(
        AlarmName="share",
        Metrics=[series("failed"), series("asked"), share],
        EvaluationPeriods=1,
        Threshold=50.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )
    put_load(cloud, "asked", 10)
    put_load(cloud, "failed", 4)
    assert turns(cloud, "share", "OK")
    put_load(cloud, "failed", 3)
    put_load(cloud, "asked", 2)
    assert turns(cloud, "share", "ALARM")
