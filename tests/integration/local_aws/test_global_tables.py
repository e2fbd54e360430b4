"""Global tables: items reach the other Regions a moment later, whichever Region wrote them."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_aws.conftest import REGION, Cloud
from tests.integration.local_aws.global_tables import (
    TABLE,
    arrives,
    global_table,
    item,
    items,
    put,
    table,
    update_replica,
)
from tests.integration.local_aws_runtime.conftest import eventually

THIRD_REGION = "eu-west-1"
ARRIVAL_SECONDS = 0.5


@pytest.fixture
def settled() -> Callable[[], None]:
    """Waits until all that was written has arrived."""
    return lambda: time.sleep(ARRIVAL_SECONDS)


def test_items_that_exist_are_in_a_new_replica(ours: Cloud) -> None:
    table(ours)
    put(ours, 1, "before")
    update_replica(ours, "Create")
    assert items(ours.other) == {"s1": "before"}


def test_a_write_arrives_in_the_other_region_later_and_not_at_once(ours: Cloud) -> None:
    global_table(ours)
    put(ours, 1, "east")
    assert items(ours.other) == {}
    arrives(ours.other, {"s1": "east"})
    put(ours.other, 2, "west")
    arrives(ours, {"s1": "east", "s2": "west"})


def test_every_kind_of_write_is_replicated(ours: Cloud) -> None:
    global_table(ours)
    here = ours.dynamodb
    requests = [{"PutRequest": {"Item": item(number, "batch")}} for number in range(3)]
    here.batch_write_item(RequestItems={"sessions": requests})
    here.transact_write_items(TransactItems=[{"Put": {**TABLE, "Item": item(3, "transaction")}}])
    here.update_item(
        **TABLE,
        Key={"id": {"S": "s1"}},
        UpdateExpression="SET #v = :v",
        ExpressionAttributeNames={"#v": "value"},
        ExpressionAttributeValues={":v": {"S": "updated"}},
    )
    here.delete_item(**TABLE, Key={"id": {"S": "s2"}})
    arrives(ours.other, {"s0": "batch", "s1": "updated", "s3": "transaction"})
    ours.other.dynamodb.delete_item(**TABLE, Key={"id": {"S": "s0"}})
    arrives(ours, {"s1": "updated", "s3": "transaction"})


def test_a_transaction_that_is_cancelled_is_not_replicated(ours: Cloud, settled: Callable[[], None]) -> None:
    global_table(ours)
    put(ours, 1, "first")
    arrives(ours.other, {"s1": "first"})
    condition = {"Key": {"id": {"S": "missing"}}, "ConditionExpression": "attribute_exists(id)"}
    writes = [{"Put": {**TABLE, "Item": item(1, "cancelled")}}, {"ConditionCheck": {**TABLE, **condition}}]
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        ours.dynamodb.transact_write_items(TransactItems=writes)
    settled()
    assert items(ours.other) == items(ours) == {"s1": "first"}


def test_the_last_writer_wins_in_both_regions(ours: Cloud, settled: Callable[[], None]) -> None:
    global_table(ours)
    for number in range(20):
        first, last = (ours, ours.other) if number % 2 else (ours.other, ours)
        put(first, number, "first")
        put(last, number, "last")
    settled()
    assert items(ours) == items(ours.other) == {f"s{number}": "last" for number in range(20)}


def test_each_region_has_a_change_in_its_stream_once(ours: Cloud, settled: Callable[[], None]) -> None:
    global_table(ours)
    put(ours, 1, "east")
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
    update_replica(ours, "Create")
    for letter in "abc":
        ours.dynamodb.put_item(**TABLE, Item={**item(1, letter), "range": {"S": letter}})
    ours.dynamodb.delete_item(**TABLE, Key={"id": {"S": "s1"}, "range": {"S": "b"}})
    eventually(lambda: ours.other.dynamodb.scan(**TABLE)["Count"] == 2)
    found = ours.other.dynamodb.scan(**TABLE)["Items"]
    assert sorted(item["range"]["S"] for item in found) == ["a", "c"]


def test_three_regions_replicate_to_each_other(ours: Cloud) -> None:
    global_table(ours)
    update_replica(ours, "Create", THIRD_REGION)
    third = Cloud(ours.endpoint_url, THIRD_REGION)
    put(third, 1, "third")
    for one in (ours, ours.other):
        arrives(one, {"s1": "third"})
    described = ours.other.dynamodb.describe_table(**TABLE)["Table"]["Replicas"]
    assert [replica["RegionName"] for replica in described] == [REGION, THIRD_REGION]
