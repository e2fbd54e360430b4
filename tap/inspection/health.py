"""How environments are, as their alarms tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from lib.input_rules import SUFFIX_MAX_LENGTH, SUFFIX_PATTERN
from tap.account import Account

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

SERVICE_ALARM = "payment-service-"
"""What precedes the suffix in the name of an environment's composite alarm."""
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
NAMES_AT_ONCE = 100


class Health(StrEnum):
    """The state of an environment's composite alarm."""

    OK = "ok"
    ALARM = "ALARM"
    NO_DATA = "no data"
    NONE = "none"
    """It has no such alarm."""


_HEALTH = {"OK": Health.OK, "ALARM": Health.ALARM, "INSUFFICIENT_DATA": Health.NO_DATA}


@dataclass(frozen=True)
class RaisedAlarm:
    """An alarm in state ALARM."""

    name: str
    since: datetime
    reason: str


def health_of_all(account: Account) -> dict[str, Health]:
    """The health of every environment that has a composite alarm, by suffix. Raises botocore's errors."""
    client: CloudWatchClient = account.client("cloudwatch")
    pages = client.get_paginator("describe_alarms").paginate(
        AlarmTypes=["CompositeAlarm"], AlarmNamePrefix=SERVICE_ALARM
    )
    found: dict[str, Health] = {}
    for page in pages:
        for alarm in page["CompositeAlarms"]:
            suffix = alarm["AlarmName"].removeprefix(SERVICE_ALARM)
            if len(suffix) <= SUFFIX_MAX_LENGTH and SUFFIX_PATTERN.fullmatch(suffix):
                found[suffix] = _HEALTH[alarm["StateValue"]]
    return found


def health_of(account: Account, suffix: str) -> Health:
    """The health of one environment. Raises botocore's errors."""
    client: CloudWatchClient = account.client("cloudwatch")
    answer = client.describe_alarms(AlarmTypes=["CompositeAlarm"], AlarmNames=[f"{SERVICE_ALARM}{suffix}"])
    states = [alarm["StateValue"] for alarm in answer["CompositeAlarms"]]
    return _HEALTH[states[0]] if states else Health.NONE


def raised_alarms(account: Account, names: Sequence[str]) -> list[RaisedAlarm]:
    """Those of the named alarms that are in alarm, longest first. Raises botocore's errors."""
    client: CloudWatchClient = account.client("cloudwatch")
    raised: list[RaisedAlarm] = []
    for start in range(0, len(names), NAMES_AT_ONCE):
        pages = client.get_paginator("describe_alarms").paginate(
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            AlarmNames=list(names[start : start + NAMES_AT_ONCE]),
        )
        for page in pages:
            for alarm in [*page["MetricAlarms"], *page["CompositeAlarms"]]:
                if alarm["StateValue"] == "ALARM":
                    raised.append(RaisedAlarm(alarm["AlarmName"], alarm["StateUpdatedTimestamp"], alarm["StateReason"]))
    return sorted(raised, key=lambda alarm: (alarm.since, alarm.name))
