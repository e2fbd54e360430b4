"""Removals of what spans two Regions, in the order that AWS asks for, whichever of them comes first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from botocore.stub import Stubber

from tap.account import Account
from tap.inventory.resource import Evidence, Resource, environment_tags
from tap.removal import retrying
from tap.removal.sweep import Sweeper, SweepReport
from tests.unit.tap_removal.maker import ACCOUNT

HOME, OTHER = "us-east-1", "us-west-2"
OURS = {**environment_tags("pr-1"), "HomeRegion": HOME, "SecondaryRegion": OTHER}
PAIRS = [{"Key": key, "Value": value} for key, value in OURS.items()]
THEIRS = [{"Key": key, "Value": value} for key, value in environment_tags("pr-12").items()]
WRITER, FOLLOWER = (
    f"arn:aws:rds:{region}:{ACCOUNT}:cluster:payment-{role}-pr-1"
    for region, role in ((HOME, "primary"), (OTHER, "secondary"))
)
GLOBAL = Resource(f"arn:aws:rds::{ACCOUNT}:global-cluster:payment-global-pr-1", "rds:global-cluster", OURS)
TABLE, REPLICA = (
    Resource(f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/payment-sessions-pr-1", "dynamodb:table", OURS)
    for region in (HOME, OTHER)
)
SECRET, COPY = (
    Resource(f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:payment-pr-1-abcdef", "secretsmanager:secret", OURS)
    for region in (HOME, OTHER)
)
KEY, KEY_COPY = (Resource(f"arn:aws:kms:{region}:{ACCOUNT}:key/mrk-1", "kms:key", OURS) for region in (HOME, OTHER))


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.001)


@pytest.fixture
def stubbed(account: Account) -> Iterator[Callable[[str, str], Stubber]]:
    """A client of a service in a Region, with AWS's answers; every one of them is asked for."""
    with ExitStack() as stack:
        made: list[Stubber] = []

        def stub(service: str, region: str) -> Stubber:
            made.append(stack.enter_context(Stubber(account.client(service, region))))
            return made[-1]

        yield stub
        for each in made:
            each.assert_no_pending_responses()


def sweep(account: Account, *resources: Resource) -> SweepReport:
    return Sweeper(account).sweep("pr-1", resources, timeout=20)


def described(*members: tuple[str, bool], tags: Any = PAIRS, protected: bool = False) -> dict[str, Any]:
    """The global database with clusters that write or follow."""
    return {
        "GlobalClusters": [
            {
                "GlobalClusterIdentifier": GLOBAL.name,
                "GlobalClusterArn": GLOBAL.arn,
                "DeletionProtection": protected,
                "GlobalClusterMembers": [{"DBClusterArn": arn, "IsWriter": writes} for arn, writes in members],
                "TagList": tags,
            }
        ]
    }


def is_ours(rds: Stubber, cluster: str, tags: Any = PAIRS) -> None:
    """The cluster is read right before it leaves."""
    rds.add_response("describe_db_clusters", {"DBClusters": [{"DBClusterArn": cluster}]})
    rds.add_response("list_tags_for_resource", {"TagList": tags})


def leaves(cluster: str) -> dict[str, str]:
    return {"GlobalClusterIdentifier": GLOBAL.name, "DbClusterIdentifier": cluster}


@pytest.mark.parametrize(("writer", "follower"), [(WRITER, FOLLOWER), (FOLLOWER, WRITER)], ids=["deployed", "switched"])
def test_those_that_follow_leave_a_global_database_before_the_one_that_writes(
    account: Account, stubbed: Callable[[str, str], Stubber], writer: str, follower: str
) -> None:
    here, there = stubbed("rds", HOME), stubbed("rds", OTHER)
    of = {WRITER: here, FOLLOWER: there}
    here.add_response("describe_global_clusters", described((writer, True), (follower, False)))
    is_ours(of[follower], follower)
    of[follower].add_response("remove_from_global_cluster", {}, leaves(follower))
    here.add_response("describe_global_clusters", described((writer, True)))
    is_ours(of[writer], writer)
    of[writer].add_response("remove_from_global_cluster", {}, leaves(writer))
    here.add_response("describe_global_clusters", described())
    here.add_response("delete_global_cluster", {}, {"GlobalClusterIdentifier": GLOBAL.name})
    here.add_client_error("describe_global_clusters", "GlobalClusterNotFoundFault")
    assert sweep(account, GLOBAL).swept == [GLOBAL]


def test_a_cluster_of_somebody_else_stays_in_a_global_database(
    account: Account, stubbed: Callable[[str, str], Stubber]
) -> None:
    here, there = stubbed("rds", HOME), stubbed("rds", OTHER)
    here.add_response("describe_global_clusters", described((WRITER, True), (FOLLOWER, False)))
    is_ours(there, FOLLOWER, THEIRS)
    [(_, reason)] = sweep(account, GLOBAL).failed
    assert reason == f"{FOLLOWER}, which is not of this environment, is part of it: take that out"


def test_a_protected_global_database_stays(account: Account, stubbed: Callable[[str, str], Stubber]) -> None:
    stubbed("rds", HOME).add_response("describe_global_clusters", described((WRITER, True), protected=True))
    [(_, reason)] = sweep(account, GLOBAL).failed
    assert reason.startswith("it is protected from deletion")


def test_a_global_database_without_tags_is_part_of_its_clusters(
    account: Account, stubbed: Callable[[str, str], Stubber]
) -> None:
    here = stubbed("rds", HOME)
    part = Resource(GLOBAL.arn, GLOBAL.type, evidence=Evidence.OWNER, owner=WRITER)
    here.add_response("describe_global_clusters", described((WRITER, True), tags=[]))
    is_ours(here, WRITER)
    is_ours(here, WRITER)
    here.add_response("remove_from_global_cluster", {}, leaves(WRITER))
    here.add_client_error("describe_global_clusters", "GlobalClusterNotFoundFault")
    assert sweep(account, part).swept == [part]


def table(dynamodb: Stubber, replicas: dict[str, str], tags: Any = PAIRS, **others: Any) -> None:
    """The table is read, with the state of its replicas."""
    listed = [{"RegionName": region, "ReplicaStatus": status} for region, status in replicas.items()]
    dynamodb.add_response("describe_table", {"Table": {"TableStatus": "ACTIVE", "Replicas": listed, **others}})
    dynamodb.add_response("list_tags_of_resource", {"Tags": tags})


def test_a_table_goes_after_its_replica(account: Account, stubbed: Callable[[str, str], Stubber]) -> None:
    here, there = stubbed("dynamodb", HOME), stubbed("dynamodb", OTHER)
    table(there, {HOME: "ACTIVE"})
    table(here, {OTHER: "ACTIVE"})
    updates = [{"Delete": {"RegionName": OTHER}}]
    here.add_response("update_table", {}, {"TableName": TABLE.name, "ReplicaUpdates": updates})
    table(here, {OTHER: "DELETING"})
    table(here, {})
    here.add_response("delete_table", {}, {"TableName": TABLE.name})
    here.add_client_error("describe_table", "ResourceNotFoundException")
    there.add_client_error("describe_table", "ResourceNotFoundException")
    assert sweep(account, REPLICA, TABLE) == SweepReport(swept=[TABLE, REPLICA])


def test_a_replica_without_tags_is_left_to_its_table(account: Account, stubbed: Callable[[str, str], Stubber]) -> None:
    there = stubbed("dynamodb", OTHER)
    part = Resource(REPLICA.arn, REPLICA.type, evidence=Evidence.OWNER, owner=TABLE.arn)
    table(there, {HOME: "ACTIVE"}, [])
    table(there, {HOME: "ACTIVE"}, [])
    report = Sweeper(account).sweep("pr-1", [part], owners=[TABLE.arn], timeout=20)
    assert report.failed == [(part, f"AWS removes it with {TABLE.arn}: which was not removed here")]


def test_a_replica_that_is_alone_goes_by_itself(account: Account, stubbed: Callable[[str, str], Stubber]) -> None:
    there = stubbed("dynamodb", OTHER)
    table(there, {})
    there.add_response("delete_table", {}, {"TableName": REPLICA.name})
    there.add_client_error("describe_table", "ResourceNotFoundException")
    assert sweep(account, REPLICA).swept == [REPLICA]


def secret(region: str, *replicas: str) -> dict[str, Any]:
    listed = [{"Region": replica, "Status": "InSync"} for replica in replicas]
    return {"Tags": PAIRS, "PrimaryRegion": HOME, **({"ReplicationStatus": listed} if region == HOME else {})}


def test_a_secret_goes_after_its_replica(account: Account, stubbed: Callable[[str, str], Stubber]) -> None:
    here, there = stubbed("secretsmanager", HOME), stubbed("secretsmanager", OTHER)
    there.add_response("describe_secret", secret(OTHER))
    here.add_response("describe_secret", secret(HOME, OTHER))
    regions = {"SecretId": SECRET.arn, "RemoveReplicaRegions": [OTHER]}
    here.add_response("remove_regions_from_replication", {}, regions)
    here.add_response("describe_secret", secret(HOME))
    here.add_response("delete_secret", {}, {"SecretId": SECRET.arn, "ForceDeleteWithoutRecovery": True})
    here.add_client_error("describe_secret", "ResourceNotFoundException")
    there.add_client_error("describe_secret", "ResourceNotFoundException")
    assert sweep(account, COPY, SECRET) == SweepReport(swept=[SECRET, COPY])


def key(kms: Stubber, kind: str, state: str = "Enabled") -> None:
    """The key is read."""
    regions = {
        "MultiRegionKeyType": kind,
        "PrimaryKey": {"Arn": KEY.arn, "Region": HOME},
        "ReplicaKeys": [{"Arn": KEY_COPY.arn, "Region": OTHER}],
    }
    metadata = {"KeyId": "mrk-1", "KeyState": state, "MultiRegion": True, "MultiRegionConfiguration": regions}
    kms.add_response("describe_key", {"KeyMetadata": metadata})
    kms.add_response("list_resource_tags", {"Tags": [{"TagKey": k, "TagValue": v} for k, v in OURS.items()]})


def test_a_key_goes_after_its_replica(account: Account, stubbed: Callable[[str, str], Stubber]) -> None:
    here, there = stubbed("kms", HOME), stubbed("kms", OTHER)
    key(here, "PRIMARY")
    key(there, "REPLICA")
    key(here, "PRIMARY")
    key(there, "REPLICA", "PendingDeletion")
    here.add_response("list_aliases", {"Aliases": []})
    here.add_response("schedule_key_deletion", {}, {"KeyId": "mrk-1", "PendingWindowInDays": 7})
    key(here, "PRIMARY", "PendingReplicaDeletion")
    assert sweep(account, KEY).swept == [KEY]


def test_a_replica_of_a_key_goes_at_once(account: Account, stubbed: Callable[[str, str], Stubber]) -> None:
    there = stubbed("kms", OTHER)
    key(there, "REPLICA")
    there.add_response("list_aliases", {"Aliases": []})
    there.add_response("schedule_key_deletion", {}, {"KeyId": "mrk-1", "PendingWindowInDays": 7})
    key(there, "REPLICA", "PendingDeletion")
    assert sweep(account, KEY_COPY).swept == [KEY_COPY]


def test_a_dashboard_is_reached_in_the_region_of_the_alarms_that_it_shows(
    account: Account, stubbed: Callable[[str, str], Stubber]
) -> None:
    alarm = f"arn:aws:cloudwatch:{OTHER}:{ACCOUNT}:alarm:payment-service-secondary-pr-1"
    arn = f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/payment-secondary-pr-1"
    part = Resource(arn, "cloudwatch:dashboard", evidence=Evidence.OWNER, owner=alarm)
    body = json.dumps({"widgets": [{"properties": {"alarms": [alarm]}}]})
    there = stubbed("cloudwatch", OTHER)
    there.add_response("get_dashboard", {"DashboardBody": body})
    there.add_response("delete_dashboards", {}, {"DashboardNames": ["payment-secondary-pr-1"]})
    there.add_client_error("get_dashboard", "ResourceNotFound")
    assert Sweeper(account).sweep("pr-1", [part], owners=[alarm], timeout=20).swept == [part]
