"""What each scenario does to an environment, and for which it is."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lib.payment_events import DETAIL_TYPE, SOURCE
from tap.environment import EnvironmentNotFoundError
from tap.gameday import losses, mistakes
from tap.gameday.load import PaymentLoad
from tap.gameday.losses import RegionLost, WriterLost, ZoneLost
from tap.gameday.mistakes import ALIAS, BROKEN_HANDLER, BadDeploy, LedgerCorrupted, PoisonEvents
from tap.gameday.scenarios import SCENARIOS
from tap.gameday.stage import ScenarioUnfitError
from tap.gameday.watch import Watch
from tap.recovery.errors import RecoveryFailedError
from tests.unit.tap_gameday.fakes import FakeClient, FakeSite, stage_of

WATCH = cast(Watch, SimpleNamespace(alarmed=lambda: True, look=lambda: None))


def load_of(*acknowledged: str) -> PaymentLoad:
    return cast(PaymentLoad, SimpleNamespace(acknowledged=lambda: list(acknowledged)))


def fis(*names: str, status: str = "completed") -> FakeClient:
    """FIS with templates of these names, whose experiments are in one state."""
    state = {"state": {"status": status, "reason": "because"}}
    return FakeClient(
        list_experiment_templates={
            "experimentTemplates": [{"id": f"id of {name}", "tags": {"Name": name}} for name in names]
        },
        start_experiment={"experiment": {"id": "EXP1"}},
        get_experiment={"experiment": state},
        get_experiment_template={
            "experimentTemplate": {
                "targets": {
                    "subnets": {"resourceType": "aws:ec2:subnet"},
                    "writer": {"parameters": {"writerAvailabilityZoneIdentifiers": "eu-west-1a"}},
                }
            }
        },
    )


def test_each_scenario_is_made_anew_under_its_own_name() -> None:
    assert [made().name for made in SCENARIOS.values()] == list(SCENARIOS)


def test_a_loss_is_the_experiment_that_the_environment_has_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "wait_for_cluster", lambda *_: None)
    client = fis("payment-zone-lost-pr-1", "payment-writer-lost-pr-1", status="running")
    stage, scenario = stage_of(FakeSite({"fis": client})), WriterLost()
    scenario.check(stage)
    scenario.inject(stage, load_of())
    assert client.given("start_experiment")[0]["experimentTemplateId"] == "id of payment-writer-lost-pr-1"
    client.answers["stop_experiment"] = lambda **_: client.answers.update(
        get_experiment={"experiment": {"state": {"status": "stopped"}}}
    )
    scenario.clean_up(stage)
    assert client.given("stop_experiment") == [{"id": "EXP1"}]


def test_an_experiment_that_fails_says_why() -> None:
    stage = stage_of(FakeSite({"fis": fis("payment-writer-lost-pr-1", status="failed")}))
    with pytest.raises(RecoveryFailedError, match="failed: because"):
        WriterLost().inject(stage, load_of())


def test_an_environment_without_the_template_is_told_to_deploy() -> None:
    with pytest.raises(EnvironmentNotFoundError, match="tap env deploy"):
        WriterLost().check(stage_of(FakeSite({"fis": fis("payment-writer-lost-pr-12")})))


def test_the_writer_is_in_the_zone_that_will_be_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "wait_for_cluster", lambda *_: None)
    zones = {"one": "eu-west-1a", "two": "eu-west-1b"}
    monkeypatch.setattr(losses, "find_instance", lambda _, name: {"AvailabilityZone": zones[name]})
    rds = FakeClient()
    members = [{"DBInstanceIdentifier": "one", "IsClusterWriter": False}]
    members.append({"DBInstanceIdentifier": "two", "IsClusterWriter": True})
    site = FakeSite({"fis": fis("payment-zone-lost-pr-1"), "rds": rds}, cluster={"DBClusterMembers": members})
    ZoneLost().prepare(stage_of(site))
    assert rds.given("failover_db_cluster")[0]["TargetDBInstanceIdentifier"] == "one"
    members[0]["IsClusterWriter"] = True
    ZoneLost().prepare(stage_of(site))
    assert len(rds.given("failover_db_cluster")) == 1


def test_only_one_of_two_regions_can_be_lost() -> None:
    with pytest.raises(ScenarioUnfitError, match="in one"):
        RegionLost().check(stage_of(FakeSite({})))
    other = FakeSite({})
    stage = stage_of(FakeSite({"fis": fis("payment-region-lost-pr-1")}, other=other))
    RegionLost().check(stage)
    assert cast(Any, RegionLost().witness(stage)) is other


def test_poison_is_malformed_events_and_duplicates() -> None:
    events = FakeClient(put_events={"FailedEntryCount": 0})
    PoisonEvents().inject(stage_of(FakeSite({"events": events})), load_of("a", "b"))
    entries = [entry for given in events.given("put_events") for entry in given["Entries"]]
    ids = [json.loads(entry["Detail"]).get("payment_id") for entry in entries]
    assert {(entry["Source"], entry["DetailType"]) for entry in entries} == {(SOURCE, DETAIL_TYPE)}
    assert ids.count("a") == ids.count("b") == 4
    assert None in ids
    assert max(len(given["Entries"]) for given in events.given("put_events")) <= 10


def test_poison_in_the_ledger_is_a_failure() -> None:
    site = FakeSite({})
    PoisonEvents().account_for(stage_of(site), [])
    site.present = {mistakes.POISON[1]}
    with pytest.raises(RecoveryFailedError, match=mistakes.POISON[1]):
        PoisonEvents().account_for(stage_of(site), [])


def test_a_bus_that_refuses_is_no_game_day() -> None:
    events = FakeClient(put_events={"FailedEntryCount": 1, "Entries": []})
    with pytest.raises(RecoveryFailedError, match="refused 1"):
        PoisonEvents().inject(stage_of(FakeSite({"events": events})), load_of())


def test_a_bad_version_goes_live_and_everything_is_as_before_at_the_end() -> None:
    client = FakeClient(
        get_function_configuration={"Handler": "payment_processor.handler"},
        get_alias={"FunctionVersion": "7"},
        publish_version={"Version": "8"},
        list_versions_by_function={
            "Versions": [
                {"Version": "$LATEST", "Handler": BROKEN_HANDLER},
                {"Version": "7", "Handler": "payment_processor.handler"},
                {"Version": "8", "Handler": BROKEN_HANDLER},
            ]
        },
    )
    stage, scenario = stage_of(FakeSite({"lambda": client})), BadDeploy()
    scenario.check(stage)
    scenario.inject(stage, load_of())
    name = "payment-processor-pr-1"
    assert client.given("update_alias") == [{"FunctionName": name, "Name": ALIAS, "FunctionVersion": "8"}]
    scenario.recover(stage, WATCH)
    assert client.given("update_alias")[-1]["FunctionVersion"] == "7"
    scenario.clean_up(stage)
    assert client.given("update_function_configuration")[-1]["Handler"] == "payment_processor.handler"
    assert client.given("delete_function") == [{"FunctionName": name, "Qualifier": "8"}]


def test_a_bad_deploy_that_was_never_done_has_nothing_to_clean_up() -> None:
    client = FakeClient()
    BadDeploy().clean_up(stage_of(FakeSite({"lambda": client})))
    assert client.calls == []


def test_a_bad_deploy_of_containers_is_left_to_ecs() -> None:
    with pytest.raises(ScenarioUnfitError, match="rolls back by itself"):
        BadDeploy().check(stage_of(FakeSite({}, tags={"Architecture": "containers"})))


@pytest.mark.parametrize("cluster", [{"Engine": "aurora-postgresql", "BacktrackWindow": 1}, {"Engine": "aurora-mysql"}])
def test_only_a_ledger_that_can_be_rewound_is_corrupted(cluster: dict[str, Any]) -> None:
    with pytest.raises(ScenarioUnfitError, match="rewound in place"):
        LedgerCorrupted().check(stage_of(FakeSite({}, cluster=cluster)))
    LedgerCorrupted().check(stage_of(FakeSite({}, cluster={"Engine": "aurora-mysql", "BacktrackWindow": 60})))


def test_the_ledger_is_rewound_and_everything_lost_is_on_the_report(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    def perform(_stage: object, _site: object, kind: str, arguments: dict[str, str]) -> object:
        asked.append((kind, arguments))
        (tmp_path / "reconciliation.json").write_text(json.dumps({"payments": [{"payment_id": "lost"}]}))
        return SimpleNamespace(folder=tmp_path)

    monkeypatch.setattr(mistakes, "perform", perform)
    site, scenario = FakeSite({}), LedgerCorrupted()
    scenario.wrong = ["a-again"]
    scenario.recover(stage_of(site), WATCH)
    assert asked[0][0] == "backtrack"
    scenario.account_for(stage_of(site), {"lost"})
    with pytest.raises(RecoveryFailedError, match="forgotten"):
        scenario.account_for(stage_of(site), {"lost", "forgotten"})
    site.present = {"a-again"}
    with pytest.raises(RecoveryFailedError, match="still in the ledger"):
        scenario.recover(stage_of(site), WATCH)
