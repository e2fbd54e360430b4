"""Global tables: what replicas share, what each has of its own, and what cannot be."""

from collections.abc import Callable
from typing import Any

import pytest

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import OTHER_REGION, REGION, Cloud, Clouds
from tests.integration.local_aws.global_tables import TABLE, global_table, put, table, update_replica


def test_each_replica_describes_the_others(clouds: Clouds) -> None:
    def described(cloud: Cloud) -> object:
        global_table(cloud)
        tables = [one.dynamodb.describe_table(**TABLE)["Table"] for one in (cloud, cloud.other)]
        return [
            (table["TableArn"].split(":")[3], table["GlobalTableVersion"], table["Replicas"][0]["RegionName"])
            for table in tables
        ]

    clouds.mends(described, [(REGION, "2019.11.21", OTHER_REGION), (OTHER_REGION, "2019.11.21", REGION)])


def test_time_to_live_is_shared_and_backups_and_tags_are_not(ours: Cloud) -> None:
    global_table(ours)
    setting = {"Enabled": True, "AttributeName": "expires_at"}
    ours.dynamodb.update_time_to_live(**TABLE, TimeToLiveSpecification=setting)
    ours.other.dynamodb.update_continuous_backups(
        **TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    arn = ours.other.dynamodb.describe_table(**TABLE)["Table"]["TableArn"]
    for value in ("first", "second"):
        ours.other.dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "Name", "Value": value}])
    shown = ours.other.dynamodb.describe_time_to_live(**TABLE)["TimeToLiveDescription"]
    assert shown == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    assert [_recovery(one) for one in (ours, ours.other)] == ["DISABLED", "ENABLED"]
    assert ours.other.dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "Name", "Value": "second"}]
    assert ours.dynamodb.list_tags_of_resource(ResourceArn=arn.replace(OTHER_REGION, REGION))["Tags"] == []


def _recovery(cloud: Cloud) -> str:
    described = cloud.dynamodb.describe_continuous_backups(**TABLE)["ContinuousBackupsDescription"]
    return str(described["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"])


def _keys(cloud: Cloud) -> tuple[str, str]:
    key = cloud.kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    return key, cloud.kms.replicate_key(KeyId=key, ReplicaRegion=OTHER_REGION)["ReplicaKeyMetadata"]["Arn"]


def _encrypted(key: str) -> dict[str, Any]:
    return {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}}


def test_each_replica_has_its_regions_key_which_can_change(ours: Cloud) -> None:
    first, second = _keys(ours)
    table(ours, **_encrypted(first))
    update_replica(ours, "Create", KMSMasterKeyId=second)
    shown = ours.other.dynamodb.describe_table(**TABLE)["Table"]
    assert (shown["SSEDescription"]["KMSMasterKeyArn"], shown["Replicas"][0]["KMSMasterKeyId"]) == (second, first)
    other = ours.other.kms.create_key()["KeyMetadata"]["Arn"]
    assert update_replica(ours, "Update", KMSMasterKeyId=other)["Replicas"][0]["KMSMasterKeyId"] == other
    assert ours.other.dynamodb.describe_table(**TABLE)["Table"]["SSEDescription"]["KMSMasterKeyArn"] == other


@pytest.mark.parametrize("by_itself", [True, False])
def test_replica_that_is_deleted_leaves_the_global_table(ours: Cloud, aws: LocalAws, by_itself: bool) -> None:
    global_table(ours)
    if by_itself:
        ours.other.dynamodb.delete_table(**TABLE)
    else:
        update_replica(ours, "Delete")
    assert aws.leftovers() == {f"{REGION}/dynamodb/tables": ["sessions"]}
    assert "Replicas" not in ours.dynamodb.describe_table(**TABLE)["Table"]
    put(ours, 1, "alone")
    ours.dynamodb.delete_table(**TABLE)
    assert aws.leftovers() == {}


def _protected_replica(cloud: Cloud) -> None:
    global_table(cloud)
    cloud.other.dynamodb.update_table(**TABLE, DeletionProtectionEnabled=True)
    update_replica(cloud, "Delete")


def _replica_of_a_table(cloud: Cloud, region: str = OTHER_REGION, **more: Any) -> None:
    table(cloud, **more)
    update_replica(cloud, "Create", region)


def _replica_with_a_key_of_the_first_region(cloud: Cloud) -> None:
    first, _ = _keys(cloud)
    table(cloud, **_encrypted(first))
    update_replica(cloud, "Create", KMSMasterKeyId=first)


def _replica_without_a_key(cloud: Cloud) -> None:
    first, _ = _keys(cloud)
    global_table(cloud, **_encrypted(first))


def _replica_where_a_table_is(cloud: Cloud) -> None:
    table(cloud.other)
    global_table(cloud)


def _stream_switched_off(cloud: Cloud) -> None:
    global_table(cloud)
    cloud.dynamodb.update_table(**TABLE, StreamSpecification={"StreamEnabled": False})


def _source_deleted(cloud: Cloud) -> None:
    global_table(cloud)
    cloud.dynamodb.delete_table(**TABLE)


def _missing_deleted(cloud: Cloud) -> None:
    table(cloud)
    update_replica(cloud, "Delete")


STREAM_OF_KEYS = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
REFUSED: dict[str, Callable[[Cloud], object]] = {
    "replica in the table's own Region": lambda cloud: _replica_of_a_table(cloud, REGION),
    "replica without a stream": lambda cloud: _replica_of_a_table(cloud, StreamSpecification={"StreamEnabled": False}),
    "replica with a stream of keys": lambda cloud: _replica_of_a_table(cloud, StreamSpecification=STREAM_OF_KEYS),
    "replica of a provisioned table": lambda cloud: _replica_of_a_table(
        cloud,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    ),
    "replica where a table is": _replica_where_a_table_is,
    "replica with the key of another Region": _replica_with_a_key_of_the_first_region,
    "replica without a key of an encrypted table": _replica_without_a_key,
    "deletion of a replica that does not exist": _missing_deleted,
    "deletion of a protected replica": _protected_replica,
    "deletion of the source before its replicas": _source_deleted,
    "stream of a global table switched off": _stream_switched_off,
}


@pytest.mark.parametrize("asked", REFUSED.values(), ids=REFUSED)
def test_refused_as_aws_does(clouds: Clouds, asked: Callable[[Cloud], object]) -> None:
    clouds.mends(asked, "ValidationException")
