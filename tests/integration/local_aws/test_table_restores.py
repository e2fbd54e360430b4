"""Tables are restored with the items that they had at a moment."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_aws.conftest import Cloud

TABLE = {
    "TableName": "sessions",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    "Tags": [{"Key": "purpose", "Value": "sessions"}],
}
RECOVERY = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}


def moment() -> datetime:
    """A whole second in which nothing is written, as clients send no parts of one."""
    time.sleep(1.1)
    found = datetime.now(UTC).replace(microsecond=0)
    time.sleep(0.1)
    return found


def items(cloud: Cloud, table: str) -> dict[str, str]:
    found = cloud.dynamodb.scan(TableName=table)["Items"]
    return {item["id"]["S"]: item["status"]["S"] for item in found}


def put(cloud: Cloud, key: str, status: str) -> None:
    cloud.dynamodb.put_item(TableName="sessions", Item={"id": {"S": key}, "status": {"S": status}})


def update(key: str, status: str) -> dict[str, Any]:
    return {
        "TableName": "sessions",
        "Key": {"id": {"S": key}},
        "UpdateExpression": "SET #s = :s",
        "ExpressionAttributeNames": {"#s": "status"},
        "ExpressionAttributeValues": {":s": {"S": status}},
    }


def restore(cloud: Cloud, target: str, **options: Any) -> dict[str, Any]:
    given = {"SourceTableName": "sessions", "TargetTableName": target} | options
    found: dict[str, Any] = cloud.dynamodb.restore_table_to_point_in_time(**given)["TableDescription"]
    return found


def refusal(cloud: Cloud, target: str, **options: Any) -> str:
    with pytest.raises(ClientError) as error:
        restore(cloud, target, **options)
    return str(error.value.response["Error"]["Code"])


def test_a_table_is_restored_as_it_was_at_each_moment(ours: Cloud) -> None:
    ours.dynamodb.create_table(**TABLE)
    put(ours, "before", "old")
    ours.dynamodb.update_continuous_backups(TableName="sessions", **RECOVERY)
    first = moment()
    put(ours, "put", "new")
    ours.dynamodb.update_item(**update("before", "changed"))
    second = moment()
    ours.dynamodb.delete_item(TableName="sessions", Key={"id": {"S": "put"}})
    refused = [{"Update": update("before", "rolled back")}, {"Update": update("put", "refused")}]
    refused[1]["Update"]["ConditionExpression"] = "attribute_exists(id)"
    with pytest.raises(ClientError, match="TransactionCanceled"):
        ours.dynamodb.transact_write_items(TransactItems=refused)
    ours.dynamodb.transact_write_items(TransactItems=[{"Update": update("third", "made")}])
    restore(ours, "first", RestoreDateTime=first)
    restore(ours, "second", RestoreDateTime=second, BillingModeOverride="PAY_PER_REQUEST")
    restore(ours, "now", UseLatestRestorableTime=True)
    assert items(ours, "first") == {"before": "old"}
    assert items(ours, "second") == {"before": "changed", "put": "new"}
    assert items(ours, "now") == items(ours, "sessions") == {"before": "changed", "third": "made"}
    ours.dynamodb.update_item(**update("before", "later") | {"TableName": "second"})
    restore(ours, "again", RestoreDateTime=second)
    assert items(ours, "again") == {"before": "changed", "put": "new"}


def test_a_restored_table_has_keys_and_encryption_and_nothing_else(ours: Cloud) -> None:
    key = ours.kms.create_key()["KeyMetadata"]["Arn"]
    ours.dynamodb.create_table(**TABLE | {"SSESpecification": {"Enabled": True, "KMSMasterKeyId": key}})
    ours.dynamodb.update_time_to_live(
        TableName="sessions", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
    ours.dynamodb.update_continuous_backups(TableName="sessions", **RECOVERY)
    made = restore(ours, "restored", UseLatestRestorableTime=True)
    assert made["RestoreSummary"]["SourceTableArn"].endswith("table/sessions")
    found = ours.dynamodb.describe_table(TableName="restored")["Table"]
    assert (found["KeySchema"], found["BillingModeSummary"]) == (
        TABLE["KeySchema"],
        {"BillingMode": "PAY_PER_REQUEST"},
    )
    assert found["SSEDescription"]["KMSMasterKeyArn"] == key
    assert "StreamSpecification" not in found
    assert ours.dynamodb.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"] == []
    ttl = ours.dynamodb.describe_time_to_live(TableName="restored")["TimeToLiveDescription"]
    assert ttl["TimeToLiveStatus"] == "DISABLED"
    other = ours.kms.create_key()["KeyMetadata"]["Arn"]
    override = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": other}
    made = restore(ours, "other", UseLatestRestorableTime=True, SSESpecificationOverride=override)
    assert made["SSEDescription"]["KMSMasterKeyArn"] == other


def test_what_cannot_be_restored_is_refused(ours: Cloud) -> None:
    now = {"UseLatestRestorableTime": True}
    assert refusal(ours, "restored", **now) == "TableNotFoundException"
    ours.dynamodb.create_table(**TABLE)
    assert refusal(ours, "restored", **now) == "PointInTimeRecoveryUnavailableException"
    ours.dynamodb.update_continuous_backups(TableName="sessions", **RECOVERY)
    shown = ours.dynamodb.describe_continuous_backups(TableName="sessions")["ContinuousBackupsDescription"]
    window = shown["PointInTimeRecoveryDescription"]
    assert window["EarliestRestorableDateTime"] <= window["LatestRestorableDateTime"] <= datetime.now(UTC)
    assert refusal(ours, "sessions", **now) == "TableAlreadyExistsException"
    assert refusal(ours, "restored") == "ValidationException"
    assert refusal(ours, "a", **now) == "ValidationException"
    for minutes in (-1, 1):
        when = {"RestoreDateTime": datetime.now(UTC) + timedelta(minutes=minutes)}
        assert refusal(ours, "restored", **when) == "InvalidRestoreTimeException"
    off = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False}}
    ours.dynamodb.update_continuous_backups(TableName="sessions", **off)
    assert refusal(ours, "restored", **now) == "PointInTimeRecoveryUnavailableException"
