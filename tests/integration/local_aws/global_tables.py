"""What scenarios of global tables make and read."""

from typing import Any

from tests.integration.local_aws.conftest import OTHER_REGION, Cloud
from tests.integration.local_aws_runtime.conftest import eventually

TABLE = {"TableName": "sessions"}


def table(cloud: Cloud, **more: Any) -> None:
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


def update_replica(cloud: Cloud, kind: str, region: str = OTHER_REGION, **more: Any) -> Any:
    change = {kind: {"RegionName": region, **more}}
    return cloud.dynamodb.update_table(**TABLE, ReplicaUpdates=[change])["TableDescription"]


def global_table(cloud: Cloud, **more: Any) -> None:
    table(cloud, **more)
    update_replica(cloud, "Create")


def item(number: int, value: str) -> dict[str, Any]:
    return {"id": {"S": f"s{number}"}, "value": {"S": value}}


def put(cloud: Cloud, number: int, value: str) -> None:
    cloud.dynamodb.put_item(**TABLE, Item=item(number, value))


def items(cloud: Cloud) -> dict[str, str]:
    return {item["id"]["S"]: item["value"]["S"] for item in cloud.dynamodb.scan(**TABLE)["Items"]}


def arrives(cloud: Cloud, wanted: dict[str, str]) -> None:
    eventually(lambda: items(cloud) == wanted)
    assert items(cloud) == wanted
