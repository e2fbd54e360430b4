"""A whole game day: what is played, what is not, and the table of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tap.gameday import game, load
from tap.gameday.game import Run, play
from tap.gameday.load import PaymentLoad
from tap.gameday.losses import WriterLost
from tap.gameday.measurement import Measurement
from tap.gameday.playing import fitting, play_all
from tap.gameday.report import COLUMNS, save
from tap.gameday.scenario import Scenario
from tap.gameday.stage import Stage
from tap.gameday.watch import Reaction, Watch
from tap.payment_client import Answer
from tap.recovery.errors import RecoveryFailedError
from tests.unit.tap_gameday.fakes import FakeClient, FakeSite, stage_of

QUIET = {
    "cloudwatch": FakeClient(describe_alarms={"MetricAlarms": []}),
    "stepfunctions": FakeClient(list_state_machines={"stateMachines": []}),
}


def run_of(rto: float, name: str = "writer-lost") -> Run:
    measurement = Measurement(rto, 0.0, rto, acknowledged=100, lost=0, doubled=0, refused=3, unanswered=0)
    return Run(name, datetime(2026, 11, 26, 18, tzinfo=UTC), measurement, (Reaction(2.5, "alarm x is on"),))


def test_what_is_not_for_an_environment_is_told_with_its_reason() -> None:
    fis = FakeClient(
        list_experiment_templates={"experimentTemplates": [{"id": "1", "tags": {"Name": "payment-writer-lost-pr-1"}}]}
    )
    stage = stage_of(FakeSite({"fis": fis}, cluster={"Engine": "aurora-postgresql"}))
    names, unfit = fitting(stage, ["writer-lost", "zone-lost", "region-lost", "ledger-corrupted"])
    assert names == ["writer-lost"]
    assert list(unfit) == ["zone-lost", "region-lost", "ledger-corrupted"]


def test_every_run_counts_and_the_table_is_saved(tmp_path: Path) -> None:
    times = iter([5.0, 9.0, 7.0])
    stage = stage_of(FakeSite({}))
    day = play_all(stage, ["writer-lost"], {"region-lost": "one Region"}, runs=3, once=lambda *_: run_of(next(times)))
    assert day.met
    (row,) = day.rows()
    assert len(row) == len(COLUMNS)
    assert row[:3] == ("writer-lost", "3", "7 / 9")
    assert row[-1] == "met"
    folder = save(day, tmp_path)
    text, document = (folder / "gameday.md").read_text(), json.loads((folder / "gameday.json").read_text())
    assert "| writer-lost | 3 | 7 / 9 |" in text
    assert "Not played: region-lost: one Region" in text
    assert "after 2.5 s alarm x is on" in text
    assert document["scenarios"][0]["figures"]["rto"] == {"median": 7.0, "worst": 9.0}
    assert len(document["runs"]) == 3


def test_a_scenario_that_fails_is_not_played_again_and_the_others_go_on() -> None:
    played: list[str] = []

    def once(scenario: Scenario, _: Stage) -> Run:
        played.append(scenario.name)
        if scenario.name == "writer-lost":
            raise RecoveryFailedError("no writer")
        return run_of(70.0, scenario.name)

    day = play_all(stage_of(FakeSite({})), ["writer-lost", "poison-events"], {}, runs=2, once=once)
    assert played == ["writer-lost", "poison-events", "poison-events"]
    assert day.failed == {"writer-lost": "run 1: no writer"}
    assert not day.met
    assert [row[-1] for row in day.rows()] == ["MISSED", "FAILED: run 1: no writer"]


class Paying:
    """An API that takes every payment, but for those while the fault is there."""

    url = "https://api"

    def __init__(self, site: FakeSite) -> None:
        self.site, self.down = site, False

    def send(self, _method: str, _path: str, body: dict[str, str]) -> Answer:
        if self.down:
            return Answer(503, {})
        self.site.present.add(body["payment_id"])
        return Answer(200, {})


class Outage(WriterLost):
    """The API refuses until a person recovers it."""

    hold_seconds = 1.0

    def __init__(self, api: Paying) -> None:
        super().__init__()
        self.api, self.ended = api, False

    def inject(self, stage: Stage, load: PaymentLoad) -> None:  # noqa: ARG002 -- the API is all it needs
        self.api.down = True

    def recover(self, stage: Stage, watch: Watch) -> None:  # noqa: ARG002 -- the API is all it needs
        self.api.down = False

    def clean_up(self, stage: Stage) -> None:  # noqa: ARG002 -- the API is all it needs
        self.ended = True


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Paying:
    for name in ("WARM_SECONDS", "CALM_SECONDS", "POLL_SECONDS"):
        monkeypatch.setattr(game, name, 0.1)
    monkeypatch.setattr(load, "RETRY_SECONDS", 0.01)
    api = Paying(FakeSite(QUIET))
    monkeypatch.setattr(Stage, "clients", lambda _: [api])
    return api


def test_a_run_measures_and_cleans_up(api: Paying) -> None:
    scenario = Outage(api)
    run = play(scenario, stage_of(api.site))
    assert run.measurement.acknowledged > 0
    assert (run.measurement.lost, run.measurement.unanswered) == (0, 0)
    assert scenario.ended


def test_a_fault_that_does_not_end_fails_and_is_cleaned_up(api: Paying, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(game, "LONGEST_SECONDS", 1.5)
    scenario = Outage(api)
    monkeypatch.setattr(scenario, "recover", lambda *_: None)
    with pytest.raises(RecoveryFailedError, match="not taken again"):
        play(scenario, stage_of(api.site))
    assert scenario.ended


def test_nothing_is_injected_where_payments_are_not_taken(api: Paying, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(game, "WARM_LIMIT_SECONDS", 0.5)
    api.down = True
    with pytest.raises(RecoveryFailedError, match="before anything was done"):
        play(Outage(api), stage_of(api.site))


def test_reactions_are_what_becomes_true_after_the_fault() -> None:
    on = [{"AlarmName": "payment-old-pr-1"}, {"AlarmName": "payment-service-pr-12"}]
    machines = {
        "stateMachines": [
            {"name": "payment-writer-failover-pr-1", "stateMachineArn": "arn:1"},
            {"name": "payment-approval-pr-1", "stateMachineArn": "arn:2"},
        ]
    }
    executions: list[dict[str, str]] = []
    clients = {
        "cloudwatch": FakeClient(describe_alarms=lambda: {"MetricAlarms": on, "CompositeAlarms": []}),
        "stepfunctions": FakeClient(
            list_state_machines=machines, list_executions=lambda **_: {"executions": executions}
        ),
    }
    stage = stage_of(FakeSite(clients))
    watch = Watch(stage.sites, "pr-1")
    watch.begin()
    assert not watch.alarmed()
    on.append({"AlarmName": "payment-service-pr-1"})
    executions.append({"name": "by-alarm", "status": "RUNNING"})
    watch.look()
    watch.look()
    assert [one.text for one in watch.reactions] == [
        "eu-west-1: alarm payment-service-pr-1 is on",
        "eu-west-1: payment-writer-failover-pr-1 by-alarm is RUNNING",
    ]
    assert watch.alarmed()
