"""What states values mean: missing data by their treatment, rules of composite alarms, metric math."""

from __future__ import annotations

import pytest

from local_aws.alarms.evaluation import Criterion, judge
from local_aws.alarms.metric_math import ExpressionError, value_of
from local_aws.alarms.rule import RuleError, alarms_in, is_met

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


# After https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
# KEPT stands for the state before.
@pytest.mark.parametrize(
    ("values", "to_alarm", "states"),
    [
        ("0-X-X", 3, "OK OK OK OK"),
        ("0----", 3, "OK OK OK OK"),
        ("-----", 3, "INSUFFICIENT_DATA KEPT ALARM OK"),
        ("0XX-X", 3, "ALARM ALARM ALARM ALARM"),
        ("--X--", 3, "ALARM KEPT ALARM OK"),
        ("0-X-X", 2, "ALARM ALARM ALARM ALARM"),
        ("00X0X", 2, "ALARM ALARM ALARM ALARM"),
        ("0-X--", 2, "OK OK ALARM OK"),
        ("----0", 2, "OK OK ALARM OK"),
        ("---X-", 2, "ALARM KEPT ALARM OK"),
    ],
)
def test_missing_data_counts_as_the_alarm_says(values: str, to_alarm: int, states: str) -> None:
    latest_first = [{"0": 0.0, "X": 9.0}.get(one) for one in reversed(values)]
    found = []
    for missing in TREATMENTS:
        criterion = Criterion(
            comparison="GreaterThanThreshold", threshold=5, periods=3, to_alarm=to_alarm, missing=missing
        )
        found.append(judge(criterion, latest_first, "KEPT").state)
    assert found == states.split()


@pytest.mark.parametrize(
    ("rule", "met"),
    [
        ('ALARM("on")', True),
        ("ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:on)", True),
        ("OK('on') OR NOT OK(off) OR TRUE", True),
        ("NOT ALARM(on) OR FALSE AND TRUE", False),
        ("TRUE OR FALSE AND FALSE", True),
        ("(TRUE OR FALSE) AND FALSE", False),
        ("INSUFFICIENT_DATA(new) AND NOT (ALARM(off))", True),
    ],
)
def test_rules_of_composite_alarms(rule: str, met: bool) -> None:
    states = {"on": "ALARM", "off": "OK", "new": "INSUFFICIENT_DATA"}
    assert is_met(rule, lambda name: states[name.rpartition(":")[2]]) is met


@pytest.mark.parametrize("rule", ["", "ALARM(on) AND", "(TRUE", "TRUE)", "AND TRUE", "TRUE FALSE", "SOMETIMES(on)"])
def test_rules_that_cannot_be_read(rule: str) -> None:
    with pytest.raises(RuleError):
        is_met(rule, lambda _: "OK")


def test_a_rule_names_its_alarms() -> None:
    assert alarms_in('ALARM("a b") OR NOT OK(c)') == ["a b", "c"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("100 * failed / asked", 25.0),
        ("-(failed - 3) + asked", 9.0),
        ("asked / none", None),
        ("FILL(none, 3) + 1", 4.0),
        ("IF(asked > 5, failed, 0)", 2.0),
        ("IF(asked > 50, failed)", None),
        ("IF(none > 5, failed, 0)", None),
        ("MAX([asked, failed, none])", 8.0),
        ("failed / (asked - 8)", None),
    ],
)
def test_metric_math(expression: str, value: float | None) -> None:
    assert value_of(expression, {"failed": 2.0, "asked": 8.0, "none": None}) == value


@pytest.mark.parametrize("expression", ["ANOMALY_DETECTION_BAND(m1)", "unknown + 1", "1 +"])
def test_expressions_that_are_not_known(expression: str) -> None:
    with pytest.raises(ExpressionError):
        value_of(expression, {})
