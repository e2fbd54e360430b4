"""Drift in a plan's JSON, told from what the provider only writes down in another way."""

from __future__ import annotations

from typing import Any

from tap.terraform_drift import Drift, drift_of


def entry(before: dict[str, Any], after: dict[str, Any] | None, action: str = "update") -> dict[str, Any]:
    change = {"actions": [action], "before": before, "after": after}
    return {"address": "aws_sqs_queue.queue", "type": "aws_sqs_queue", "change": change}


def test_what_differs_is_named_by_attribute() -> None:
    before = {"delay": 0, "tags": {"a": "1"}, "policy": "", "name": "q"}
    after = {"delay": 5, "tags": {"a": "2"}, "policy": "{}", "name": "q"}
    assert drift_of({"resource_drift": [entry(before, after)]}) == (
        Drift("aws_sqs_queue.queue", "aws_sqs_queue", "update", ("delay", "policy", "tags")),
    )


def test_what_is_gone_is_drift() -> None:
    assert drift_of({"resource_drift": [entry({"name": "q"}, None, "delete")]}) == (
        Drift("aws_sqs_queue.queue", "aws_sqs_queue", "delete"),
    )


def test_nothing_written_in_another_way_is_no_drift() -> None:
    before: dict[str, Any] = {
        "tags": None,
        "policy": "",
        "blocks": [],
        "nested": {"a": None},
        "number": 0,
        "flag": False,
    }
    after: dict[str, Any] = {"tags": {}, "policy": None, "blocks": None, "nested": {}, "number": 0, "flag": False}
    assert drift_of({"resource_drift": [entry(before, after)]}) == ()
    assert drift_of({}) == ()


def test_zero_and_false_are_values() -> None:
    (drift,) = drift_of({"resource_drift": [entry({"a": 0, "b": False}, {"a": None, "b": None})]})
    assert drift.attributes == ("a", "b")


def test_a_parameter_that_was_written_and_has_its_value_again_is_no_drift() -> None:
    before = {"value": "open", "version": 1}
    parameter = {**entry(before, {"value": "open", "version": 3}), "type": "aws_ssm_parameter"}
    assert drift_of({"resource_drift": [parameter]}) == ()
    stopped = {**entry(before, {"value": "stopped", "version": 2}), "type": "aws_ssm_parameter"}
    assert drift_of({"resource_drift": [stopped]})[0].attributes == ("value", "version")
