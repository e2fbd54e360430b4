"""What the local AWS takes for an experiment, and what is cut off by which."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from local_aws.errors import AwsError
from local_aws.experiments import actions, outages, targets
from local_aws.experiments.experiment import Experiment

DISCONNECT = {
    "actionId": "aws:network:disrupt-connectivity",
    "parameters": {"duration": "PT5M", "scope": "all"},
    "targets": {"Subnets": "subnets"},
}
SUBNETS = {"resourceType": "aws:ec2:subnet", "resourceArns": ["arn:aws:ec2:r:1:subnet/a"], "selectionMode": "ALL"}


@pytest.fixture(autouse=True)
def _connected() -> Iterator[None]:
    yield
    outages.forget()


def test_a_subnet_is_back_when_no_experiment_cuts_it_off_any_more() -> None:
    outages.cut("one", ["a", "b"])
    outages.cut("two", ["b"])
    assert outages.all_cut({"a", "b"})
    assert not outages.all_cut(set())
    assert outages.restore("one", ["a"]) is False
    assert not outages.is_cut("a")
    assert outages.restore("one", ["b"]) is True
    assert outages.is_cut("b")
    assert outages.restore("two", ["b"]) is True
    assert not outages.is_cut("b")


@pytest.mark.parametrize(
    ("text", "seconds"), [("PT5M", 300), ("PT1H", 3600), ("PT1M30S", 90), ("PT60S", 60), ("PT1H1M1S", 3661)]
)
def test_durations(text: str, seconds: int) -> None:
    assert actions.seconds_of({"duration": text}) == seconds


@pytest.mark.parametrize("text", ["", "5M", "PT", "PT59S", "P1D"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(AwsError):
        actions.seconds_of({"duration": text})


def test_what_can_be_done_here_is_taken() -> None:
    actions.check("cut", DISCONNECT)
    targets.check("subnets", SUBNETS)


@pytest.mark.parametrize(
    "changed",
    [
        {"actionId": "aws:ec2:stop-instances"},
        {"startAfter": ["other"]},
        {"targets": {"Clusters": "subnets"}},
        {"parameters": {"duration": "PT5M", "scope": "s3"}},
        {"parameters": {"scope": "all"}},
        {"parameters": {"duration": "PT5S", "scope": "all"}},
    ],
)
def test_other_actions_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(AwsError):
        actions.check("cut", {**DISCONNECT, **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"resourceType": "aws:ec2:instance"},
        {"selectionMode": "COUNT(1)"},
        {"resourceTags": {"a": "b"}},
        {"filters": [{"path": "Zone", "values": ["a"]}]},
        {"resourceArns": []},
    ],
)
def test_other_targets_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(AwsError):
        targets.check("subnets", {**SUBNETS, **changed})


def test_an_experiment_goes_through_its_states_once() -> None:
    template = SimpleNamespace(
        id="EXT1",
        account_id="123456789012",
        region_name="eu-west-1",
        role_arn="arn:aws:iam::123456789012:role/r",
        targets={"subnets": SUBNETS},
        actions={"cut": DISCONNECT},
        stop_conditions=[{"source": "none"}],
        log_configuration=None,
        experiment_options=None,
    )
    experiment = Experiment(template, {"Name": "n"})
    assert experiment.description()["state"]["status"] == "pending"
    experiment.become("running")
    experiment.mark("cut", "running")
    experiment.stop("an alarm is on")
    experiment.become("running")
    assert experiment.summary()["state"]["status"] == "stopping"
    experiment.mark("cut", "stopped")
    experiment.become("stopped", experiment.stop_reason)
    experiment.stop("again")
    shown = experiment.description()
    assert shown["state"] == {"status": "stopped", "reason": "an alarm is on"}
    assert shown["actions"]["cut"]["endTime"] >= shown["actions"]["cut"]["startTime"]
    assert shown["endTime"] >= shown["startTime"]
    assert "logConfiguration" not in shown
    assert "state" not in template.actions["cut"]
