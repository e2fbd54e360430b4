"""`tap recover restore-database`, `restore-table`, `restore-backup`, `discard`, `replay`."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from tap.recovery.journal import Journal
from tests.unit.tap_recovery.conftest import BUS, REGION, SUFFIX, TABLE, Tap, World
from tests.unit.tap_recovery.fakes import Crash

QUICK = ("--settle", "0", "--json")
CONFIRMED = ("--confirm", SUFFIX)
CLUSTER, INSTANCES = "payment-cluster-test", ["payment-instance-0-test", "payment-instance-1-test"]
ROLE, OLD_ID = "payment-processor-test", "cluster-PAYMENT-CLUSTER-TEST"


@pytest.fixture
def busy(world: World) -> World:
    """Payments before and after the moment, and a role that logs in to the cluster by IAM."""
    for minutes in (-30, 2):
        world.ledger.commit(f"p{minutes}", world.moment + timedelta(minutes=minutes))
    boto3.client("ssm", region_name=REGION).put_parameter(
        Name=f"/payment/{SUFFIX}/database/endpoint", Value="payment-cluster-test.cluster", Type="String"
    )
    iam = boto3.client("iam", region_name=REGION)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
    resource = f"arn:aws:rds-db:{REGION}:123456789012:dbuser:{OLD_ID}/payment_app"
    statement = {"Effect": "Allow", "Action": ["rds-db:connect"], "Resource": [resource]}
    policy = iam.create_policy(
        PolicyName="login", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=policy["Policy"]["Arn"])
    world.rds.clusters[CLUSTER]["MasterUserSecret"] = {"SecretArn": "secret", "KmsKeyId": "key"}
    world.rds.on_rename = lambda: world.ledger.rewind(world.moment)
    return world


def test_the_restored_cluster_takes_the_name_of_the_one_in_use(busy: World, tap: Tap, tmp_path: Path) -> None:
    ended = tap("restore-database", "--to", busy.to, *CONFIRMED, *QUICK)
    assert ended.code == 0, ended.err
    id_ = ended.json["id"]
    clusters, instances = busy.rds.clusters, busy.rds.instances
    assert set(clusters) == {CLUSTER, f"{CLUSTER}-before-{id_}"}
    assert clusters[CLUSTER]["DbClusterResourceId"] == "cluster-RESTORED"
    assert {name for name, one in instances.items() if one["DBClusterIdentifier"] == CLUSTER} == set(INSTANCES)
    assert {name for name, one in instances.items() if one["DBClusterIdentifier"] != CLUSTER} == {
        f"{name}-before-{id_}" for name in INSTANCES
    }
    assert clusters[CLUSTER]["MasterUserSecret"]["SecretStatus"] == "active"
    names = [step["name"] for step in ended.json["steps"]]
    assert names.index("check-restored") < names.index("stop-writers") < names.index("step-aside")
    policy = boto3.client("iam", region_name=REGION).get_role_policy(RoleName=ROLE, PolicyName=f"recovery-{id_}")
    document: Any = policy["PolicyDocument"]
    (statement,) = document["Statement"]
    assert statement["Resource"] == [f"arn:aws:rds-db:{REGION}:123456789012:dbuser:cluster-RESTORED/payment_app"]
    with (tmp_path / "recoveries" / SUFFIX / id_ / "reconciliation.csv").open() as file:
        assert [row["payment_id"] for row in csv.DictReader(file)] == ["p2"]
    assert busy.writes() == "open"


def test_it_is_restored_as_the_source_is_set(busy: World, tap: Tap) -> None:
    assert tap("restore-database", "--to", busy.to, "--beside", "--yes", *QUICK).code == 0
    restored = busy.rds.restored
    assert restored["RestoreToTime"] == busy.moment
    assert restored["VpcSecurityGroupIds"] == ["sg-1"]
    assert restored["EnableIAMDatabaseAuthentication"] is True
    assert restored["BacktrackWindow"] == 259200
    assert restored["EnableCloudwatchLogsExports"] == ["audit", "error"]
    assert restored["Tags"] == [{"Key": "EnvironmentSuffix", "Value": "test"}]
    made = [one for name, one in busy.rds.instances.items() if name not in INSTANCES]
    assert [one["PromotionTier"] for one in made] == [0, 1]
    assert {one["DBInstanceClass"] for one in made} == {"db.r5.large"}


def test_beside_changes_nothing_in_use_and_is_discarded(busy: World, tap: Tap) -> None:
    ended = tap("restore-database", "--to", busy.to, "--beside", "--yes", *QUICK)
    id_ = ended.json["id"]
    assert set(busy.rds.clusters) == {CLUSTER, f"{CLUSTER}-{id_}"}
    assert len(busy.ledger.payments) == 2
    assert "stop-writers" not in [step["name"] for step in ended.json["steps"]]
    assert tap("discard", id_, "--yes").code == 2
    gone = tap("discard", id_, *CONFIRMED, "--json")
    assert gone.code == 0, gone.err
    assert (set(busy.rds.clusters), sorted(busy.rds.instances)) == ({CLUSTER}, INSTANCES)
    assert busy.rds.snapshots == [f"{CLUSTER}-{id_}-final"]


# The steps around these are tested with `backtrack`, whose they are too.
STEPS = ("describe", "restore", "instances", "settings", "check-restored", "step-aside", "take-name", "grant-login")


@pytest.mark.parametrize("step", STEPS)
def test_it_is_resumed_where_it_was_killed(busy: World, tap: Tap, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    kept = Journal.perform

    def killed(journal: Journal, name: str, action: Any) -> None:
        def act() -> Any:
            action()
            raise Crash  # Done, and not yet in the journal.

        kept(journal, name, act if name == step else action)

    monkeypatch.setattr(Journal, "perform", killed)
    with pytest.raises(Crash):
        tap("restore-database", "--to", busy.to, *CONFIRMED, *QUICK)
    monkeypatch.setattr(Journal, "perform", kept)
    ended = tap("restore-database", "--to", busy.to, *CONFIRMED, *QUICK)
    assert ended.code == 0, ended.err
    assert ended.json["reconciliation"]["differences"] == 1
    assert busy.rds.clusters[CLUSTER]["DbClusterResourceId"] == "cluster-RESTORED"
    assert len(busy.rds.clusters) == 2
    assert len(busy.rds.instances) == 4
    assert busy.rds.calls.count("restore") == 1
    assert busy.writes() == "open"


def test_a_kill_between_two_renames_is_resumed(busy: World, tap: Tap) -> None:
    plain, calls = busy.rds.modify_db_instance, []

    def once(**parameters: Any) -> Any:
        calls.append(plain(**parameters))
        if len(calls) in (1, 3):
            raise Crash
        return calls[-1]

    busy.rds.modify_db_instance = once  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(Crash):
            tap("restore-database", "--to", busy.to, *CONFIRMED, *QUICK)
    assert tap("restore-database", "--to", busy.to, *CONFIRMED, *QUICK).code == 0
    used = {name for name, one in busy.rds.instances.items() if one["DBClusterIdentifier"] == CLUSTER}
    assert used == set(INSTANCES)
    assert len(calls) == 4


@pytest.mark.parametrize(
    ("endpoint", "told", "said"),
    [
        ("ledger.proxy-abc.rds.amazonaws.com", {}, "behind RDS Proxy"),
        ("ledger.cluster", {"OTHER_REGION": "eu-central-1"}, "a cluster of a global database cannot be replaced"),
    ],
)
def test_what_cannot_be_replaced_is_refused(
    busy: World, tap: Tap, endpoint: str, told: dict[str, str], said: str
) -> None:
    boto3.client("ssm", region_name=REGION).put_parameter(
        Name=f"/payment/{SUFFIX}/database/endpoint", Value=endpoint, Type="String", Overwrite=True
    )
    busy.function.variables.update(told)
    ended = tap("restore-database", "--to", busy.to, *CONFIRMED, *QUICK)
    assert (ended.code, busy.rds.calls) == (1, []), ended.err
    assert said in ended.err
    assert tap("restore-database", "--to", busy.to, "--beside", "--yes", *QUICK).code == 0


def test_a_moment_outside_the_backup_is_refused(busy: World, tap: Tap) -> None:
    busy.rds.clusters[CLUSTER]["LatestRestorableTime"] = busy.moment - timedelta(minutes=1)
    ended = tap("restore-database", "--to", busy.to, *CONFIRMED, *QUICK)
    assert (ended.code, "can be restored to any moment from" in ended.err) == (1, True)


def test_missing_sessions_come_back_if_the_ledger_confirms_them(
    busy: World, tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = busy.moment - timedelta(minutes=30)
    dynamodb = boto3.client("dynamodb", region_name=REGION)
    for name in ("p-30", "lost", "changed"):
        busy.put_session(name, at)
    busy.ledger.commit("changed", at, status="REVERSED")
    dynamodb.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    items = dynamodb.scan(TableName=TABLE)["Items"]
    for name in ("p-30", "lost", "changed"):
        dynamodb.delete_item(TableName=TABLE, Key={"session_id": {"S": name}})
    busy.put_session("p2", at)
    before = busy.session("p2")

    def made(site: Any, **parameters: Any) -> None:
        target = parameters["TargetTableName"]
        dynamodb.create_table(
            TableName=target,
            KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        for item in [*items, {**before, "status": {"S": "COMMITTED"}}]:
            dynamodb.put_item(TableName=target, Item=item)
        del site

    monkeypatch.setattr("tap.recovery.table_restore.TableMoment.check", lambda *_: None)
    monkeypatch.setattr(
        "tap.recovery.table_restore.TableMoment.start",
        lambda _, site, target, token, tell: made(site, TargetTableName=target, token=token, tell=tell),
    )
    ended = tap("restore-table", "--to", busy.to, "--yes", "--json")
    assert ended.code == 0, ended.err
    copy = next(step for step in ended.json["steps"] if step["name"] == "copy")
    assert copy["result"] == {"copied": 1, "not_as_in_the_ledger": 2, "there_already": 1}
    assert busy.session("p-30") is not None
    assert busy.session("lost") is None
    assert dynamodb.list_tables()["TableNames"] == [TABLE]


def test_a_period_is_replayed_for_the_payment_rule(busy: World, tap: Tap) -> None:
    begin, end = busy.moment.isoformat(), (busy.moment + timedelta(hours=1)).isoformat()
    ended = tap("replay", "--from", begin, "--to", end, "--yes", "--json")
    assert ended.code == 0, ended.err
    name = ended.json["steps"][0]["result"]["replay"]
    described = boto3.client("events", region_name=REGION).describe_replay(ReplayName=name)
    assert described["Destination"]["FilterArns"] == [f"arn:aws:events:{REGION}:123456789012:rule/{BUS}/{BUS}"]
    assert tap("replay", "--from", end, "--to", begin, "--yes").code == 2
