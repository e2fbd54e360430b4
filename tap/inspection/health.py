"""How environments are, as their alarms tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from tap.account import Account

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

SERVICE_ALARM = "payment-service-"
"""What precedes the suffix (or a Region's role and the suffix) in the name of an environment's composite alarm."""
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
NAMES_AT_ONCE = 100


class Health(StrEnum):
    """The state of an environment's composite alarm."""

    OK = "ok"
    ALARM = "ALARM"
    NO_DATA = "no data"
    NONE = "none"
    """It has no such alarm."""


_WORST_FIRST = (Health.ALARM, Health.NONE, Health.NO_DATA, Health.OK)
_HEALTH = {"OK": Health.OK, "ALARM": Health.ALARM, "INSUFFICIENT_DATA": Health.NO_DATA}


def worst(healths: Iterable[Health]) -> Health:
    """The health of an environment by those of its Regions, at least one."""
    return min(healths, key=_WORST_FIRST.index)


@dataclass(frozen=True)
class RaisedAlarm:
    """An alarm in state ALARM."""

    name: str
    since: datetime
    reason: str
    region: str


def health_of_all(account: Account) -> dict[str, Health]:
    """The health of every environment that has a composite alarm in the Region, by the end of the alarm's name.

    That is the suffix, with a role before it where there are two Regions. Raises botocore's errors.
    """
    client: CloudWatchClient = account.client("cloudwatch")
    pages = client.get_paginator("describe_alarms").paginate(
        AlarmTypes=["CompositeAlarm"], AlarmNamePrefix=SERVICE_ALARM
    )
    found: dict[str, Health] = {}
    for page in pages:
        for alarm in page["CompositeAlarms"]:
            found[alarm["AlarmName"].removeprefix(SERVICE_ALARM)] = _HEALTH[alarm["StateValue"]]
    return found


def health_of(account: Account, label: str) -> Health:
    """The health of one environment in the Region; `label` is the end of its alarm's name. Raises botocore's errors."""
    client: CloudWatchClient = account.client("cloudwatch")
    answer = client.describe_alarms(AlarmTypes=["CompositeAlarm"], AlarmNames=[f"{SERVICE_ALARM}{label}"])
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
                    since, reason = alarm["StateUpdatedTimestamp"], alarm["StateReason"]
                    raised.append(RaisedAlarm(alarm["AlarmName"], since, reason, account.region))
    return sorted(raised, key=lambda alarm: (alarm.since, alarm.name))
