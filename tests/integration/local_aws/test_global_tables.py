"""Global tables: a table in each Region, whose items reach the others a moment later, whichever Region wrote them."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import OTHER_REGION, REGION, Cloud, Clouds
from tests.integration.local_aws_runtime.conftest import eventually

TABLE = {"TableName": "sessions"}
THIRD_REGION = "eu-west-1"
ARRIVAL_SECONDS = 0.5


@pytest.fixture
def settled() -> Callable[[], None]:
    """Waits until all that was written has arrived."""
    return lambda: time.sleep(ARRIVAL_SECONDS)


def _table(cloud: Cloud, **more: Any) -> None:
    cloud.dynamodb.create_table(
        **TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        **{
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            **more,
        },
    )


def _update(cloud: Cloud, kind: str, region: str = OTHER_REGION, **more: Any) -> Any:
    change = {kind: {"RegionName": region, **more}}
    return cloud.dynamodb.update_table(**TABLE, ReplicaUpdates=[change])["TableDescription"]


def _global_table(cloud: Cloud, **more: Any) -> None:
    _table(cloud, **more)
    _update(cloud, "Create")


def _item(number: int, value: str) -> dict[str, Any]:
    return {"id": {"S": f"s{number}"}, "value": {"S": value}}


def _put(cloud: Cloud, number: int, value: str) -> None:
    cloud.dynamodb.put_item(**TABLE, Item=_item(number, value))


def _items(cloud: Cloud) -> dict[str, str]:
    return {item["id"]["S"]: item["value"]["S"] for item in cloud.dynamodb.scan(**TABLE)["Items"]}


def _arrives(cloud: Cloud, wanted: dict[str, str]) -> None:
    eventually(lambda: _items(cloud) == wanted)
    assert _items(cloud) == wanted


def test_each_replica_describes_the_others(clouds: Clouds) -> None:
    def described(cloud: Cloud) -> object:
        _global_table(cloud)
        tables = [one.dynamodb.describe_table(**TABLE)["Table"] for one in (cloud, cloud.other)]
        return [
            (table["TableArn"].split(":")[3], table["GlobalTableVersion"], table["Replicas"][0]["RegionName"])
            for table in tables
        ]

    clouds.mends(described, [(REGION, "2019.11.21", OTHER_REGION), (OTHER_REGION, "2019.11.21", REGION)])


def test_items_that_exist_are_in_a_new_replica(ours: Cloud) -> None:
    _table(ours)
    _put(ours, 1, "before")
    _update(ours, "Create")
    assert _items(ours.other) == {"s1": "before"}


def test_a_write_arrives_in_the_other_region_later_and_not_at_once(ours: Cloud) -> None:
    _global_table(ours)
    _put(ours, 1, "east")
    assert _items(ours.other) == {}
    _arrives(ours.other, {"s1": "east"})
    _put(ours.other, 2, "west")
    _arrives(ours, {"s1": "east", "s2": "west"})


def test_every_kind_of_write_is_replicated(ours: Cloud) -> None:
    _global_table(ours)
    here = ours.dynamodb
    requests = [{"PutRequest": {"Item": _item(number, "batch")}} for number in range(3)]
    here.batch_write_item(RequestItems={"sessions": requests})
    here.transact_write_items(TransactItems=[{"Put": {**TABLE, "Item": _item(3, "transaction")}}])
    here.update_item(
        **TABLE,
        Key={"id": {"S": "s1"}},
        UpdateExpression="SET #v = :v",
        ExpressionAttributeNames={"#v": "value"},
        ExpressionAttributeValues={":v": {"S": "updated"}},
    )
    here.delete_item(**TABLE, Key={"id": {"S": "s2"}})
    _arrives(ours.other, {"s0": "batch", "s1": "updated", "s3": "transaction"})
    ours.other.dynamodb.delete_item(**TABLE, Key={"id": {"S": "s0"}})
    _arrives(ours, {"s1": "updated", "s3": "transaction"})


def test_a_transaction_that_is_cancelled_is_not_replicated(ours: Cloud, settled: Callable[[], None]) -> None:
    _global_table(ours)
    _put(ours, 1, "first")
    _arrives(ours.other, {"s1": "first"})
    condition = {"Key": {"id": {"S": "missing"}}, "ConditionExpression": "attribute_exists(id)"}
    writes = [{"Put": {**TABLE, "Item": _item(1, "cancelled")}}, {"ConditionCheck": {**TABLE, **condition}}]
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        ours.dynamodb.transact_write_items(TransactItems=writes)
    settled()
    assert _items(ours.other) == _items(ours) == {"s1": "first"}


def test_the_last_writer_wins_in_both_regions(ours: Cloud, settled: Callable[[], None]) -> None:
    _global_table(ours)
    for number in range(20):
        first, last = (ours, ours.other) if number % 2 else (ours.other, ours)
        _put(first, number, "first")
        _put(last, number, "last")
    settled()
    assert _items(ours) == _items(ours.other) == {f"s{number}": "last" for number in range(20)}


def test_each_region_has_a_change_in_its_stream_once(ours: Cloud, settled: Callable[[], None]) -> None:
    _global_table(ours)
    _put(ours, 1, "east")
    settled()
    settled()
    assert [len(_stream(one)) for one in (ours, ours.other)] == [1, 1]


def _stream(cloud: Cloud) -> list[Any]:
    arn = cloud.dynamodb.describe_table(**TABLE)["Table"]["LatestStreamArn"]
    streams = cloud.dynamodbstreams
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    where = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = streams.get_shard_iterator(**where)["ShardIterator"]
    records: list[Any] = streams.get_records(ShardIterator=iterator)["Records"]
    return records


def test_items_with_a_range_key_are_replicated(ours: Cloud) -> None:
    names = ("id", "range")
    ours.dynamodb.create_table(
        **TABLE,
        KeySchema=[{"AttributeName": n, "KeyType": k} for n, k in zip(names, ("HASH", "RANGE"), strict=True)],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    _update(ours, "Create")
    for letter in "abc":
        ours.dynamodb.put_item(**TABLE, Item={**_item(1, letter), "range": {"S": letter}})
    ours.dynamodb.delete_item(**TABLE, Key={"id": {"S": "s1"}, "range": {"S": "b"}})
    eventually(lambda: ours.other.dynamodb.scan(**TABLE)["Count"] == 2)
    found = ours.other.dynamodb.scan(**TABLE)["Items"]
    assert sorted(item["range"]["S"] for item in found) == ["a", "c"]


def test_three_regions_replicate_to_each_other(ours: Cloud) -> None:
    _global_table(ours)
    _update(ours, "Create", THIRD_REGION)
    third = Cloud(ours.endpoint_url, THIRD_REGION)
    _put(third, 1, "third")
    for one in (ours, ours.other):
        _arrives(one, {"s1": "third"})
    described = ours.other.dynamodb.describe_table(**TABLE)["Table"]["Replicas"]
    assert [replica["RegionName"] for replica in described] == [REGION, THIRD_REGION]


def test_time_to_live_is_shared_and_backups_and_tags_are_not(ours: Cloud) -> None:
    _global_table(ours)
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
    _table(ours, **_encrypted(first))
    _update(ours, "Create", KMSMasterKeyId=second)
    shown = ours.other.dynamodb.describe_table(**TABLE)["Table"]
    assert (shown["SSEDescription"]["KMSMasterKeyArn"], shown["Replicas"][0]["KMSMasterKeyId"]) == (second, first)
    other = ours.other.kms.create_key()["KeyMetadata"]["Arn"]
    assert _update(ours, "Update", KMSMasterKeyId=other)["Replicas"][0]["KMSMasterKeyId"] == other
    assert ours.other.dynamodb.describe_table(**TABLE)["Table"]["SSEDescription"]["KMSMasterKeyArn"] == other


@pytest.mark.parametrize("by_itself", [True, False])
def test_replica_that_is_deleted_leaves_the_global_table(ours: Cloud, aws: LocalAws, by_itself: bool) -> None:
    _global_table(ours)
    if by_itself:
        ours.other.dynamodb.delete_table(**TABLE)
    else:
        _update(ours, "Delete")
    assert aws.leftovers() == {f"{REGION}/dynamodb/tables": ["sessions"]}
    assert "Replicas" not in ours.dynamodb.describe_table(**TABLE)["Table"]
    _put(ours, 1, "alone")
    ours.dynamodb.delete_table(**TABLE)
    assert aws.leftovers() == {}


def _protected_replica(cloud: Cloud) -> None:
    _global_table(cloud)
    cloud.other.dynamodb.update_table(**TABLE, DeletionProtectionEnabled=True)
    _update(cloud, "Delete")


def _replica_of_a_table(cloud: Cloud, region: str = OTHER_REGION, **more: Any) -> None:
    _table(cloud, **more)
    _update(cloud, "Create", region)


def _replica_with_a_key_of_the_first_region(cloud: Cloud) -> None:
    first, _ = _keys(cloud)
    _table(cloud, **_encrypted(first))
    _update(cloud, "Create", KMSMasterKeyId=first)


def _replica_without_a_key(cloud: Cloud) -> None:
    first, _ = _keys(cloud)
    _global_table(cloud, **_encrypted(first))


def _replica_where_a_table_is(cloud: Cloud) -> None:
    _table(cloud.other)
    _global_table(cloud)


def _stream_switched_off(cloud: Cloud) -> None:
    _global_table(cloud)
    cloud.dynamodb.update_table(**TABLE, StreamSpecification={"StreamEnabled": False})


def _source_deleted(cloud: Cloud) -> None:
    _global_table(cloud)
    cloud.dynamodb.delete_table(**TABLE)


def _missing_deleted(cloud: Cloud) -> None:
    _table(cloud)
    _update(cloud, "Delete")


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
