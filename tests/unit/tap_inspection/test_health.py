"""What alarms tell about environments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from tap.account import Account
from tap.inspection.health import NAMES_AT_ONCE, Health, health_of, health_of_all, raised_alarms, worst

SINCE = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)


class FakeCloudWatch:
    """Answers `DescribeAlarms` as AWS does, `PAGE` alarms at a time; an account and its client in one."""

    PAGE = 50

    def __init__(self) -> None:
        self.alarms: list[tuple[str, str, str]] = []
        self.calls = 0
        self.region = "eu-west-1"

    def put(self, kind: str, name: str, state: str) -> None:
        self.alarms.append((kind, name, state))

    def client(self, service: str) -> Any:
        assert service == "cloudwatch"
        return self

    def get_paginator(self, operation: str) -> Any:
        assert operation == "describe_alarms"
        return self

    def paginate(
        self,
        *,
        AlarmTypes: list[str],  # noqa: N803 - AWS's names
        AlarmNames: list[str] | None = None,  # noqa: N803
        AlarmNamePrefix: str = "",  # noqa: N803
    ) -> Iterator[dict[str, Any]]:
        assert AlarmNames is None or 0 < len(AlarmNames) <= 100
        found = [
            (kind, name, state)
            for kind, name, state in self.alarms
            if kind in AlarmTypes and name.startswith(AlarmNamePrefix) and (AlarmNames is None or name in AlarmNames)
        ]
        for start in range(0, len(found) or 1, self.PAGE):
            self.calls += 1
            page: dict[str, Any] = {"MetricAlarms": [], "CompositeAlarms": []}
            for kind, name, state in found[start : start + self.PAGE]:
                reason = f"{name} is {state}"
                alarm = {"AlarmName": name, "StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": SINCE}
                page[f"{kind}s"].append(alarm)
            yield page

    def describe_alarms(self, **parameters: Any) -> dict[str, Any]:
        return next(self.paginate(**parameters))


@pytest.fixture
def cloudwatch() -> FakeCloudWatch:
    return FakeCloudWatch()


@pytest.fixture
def account(cloudwatch: FakeCloudWatch) -> Account:
    return cast(Account, cloudwatch)


def test_each_environment_has_the_state_of_its_own_alarm(account: Account, cloudwatch: FakeCloudWatch) -> None:
    for suffix, state in {"pr-1": "OK", "pr-12": "ALARM", "pr-1-b": "INSUFFICIENT_DATA"}.items():
        cloudwatch.put("CompositeAlarm", f"payment-service-{suffix}", state)
    cloudwatch.put("MetricAlarm", "payment-service-pr-3", "ALARM")
    assert health_of_all(account) == {"pr-1": Health.OK, "pr-12": Health.ALARM, "pr-1-b": Health.NO_DATA}
    assert health_of(account, "pr-1") is Health.OK
    assert health_of(account, "pr-12") is Health.ALARM
    assert health_of(account, "pr-2") is Health.NONE


def test_all_environments_are_asked_for_in_pages(account: Account, cloudwatch: FakeCloudWatch) -> None:
    for number in range(120):
        cloudwatch.put("CompositeAlarm", f"payment-service-e{number}", "OK")
    assert len(health_of_all(account)) == 120
    assert cloudwatch.calls == 3


def test_raised_alarms_are_those_named_and_in_alarm(account: Account, cloudwatch: FakeCloudWatch) -> None:
    cloudwatch.put("MetricAlarm", "payment-errors-pr-1", "ALARM")
    cloudwatch.put("MetricAlarm", "payment-errors-pr-12", "ALARM")
    cloudwatch.put("MetricAlarm", "payment-latency-pr-1", "OK")
    cloudwatch.put("CompositeAlarm", "payment-service-pr-1", "ALARM")
    raised = raised_alarms(account, ["payment-errors-pr-1", "payment-latency-pr-1", "payment-service-pr-1"])
    assert {alarm.name for alarm in raised} == {"payment-errors-pr-1", "payment-service-pr-1"}
    assert "payment-errors-pr-1 is ALARM" in {alarm.reason for alarm in raised}
    assert raised_alarms(account, []) == []


def test_the_worst_of_several_regions() -> None:
    assert worst([Health.OK, Health.OK]) is Health.OK
    assert worst([Health.OK, Health.NO_DATA]) is Health.NO_DATA
    assert worst([Health.NONE, Health.NO_DATA]) is Health.NONE
    assert worst([Health.NONE, Health.ALARM]) is Health.ALARM


def test_more_names_than_one_call_takes(account: Account, cloudwatch: FakeCloudWatch) -> None:
    names = [f"payment-{number}-pr-1" for number in range(NAMES_AT_ONCE + 1)]
    cloudwatch.put("MetricAlarm", names[0], "ALARM")
    cloudwatch.put("MetricAlarm", names[-1], "ALARM")
    assert {alarm.name for alarm in raised_alarms(account, names)} == {names[0], names[-1]}
