"""DynamoDB tables: a recovery point holds the items as they were.

https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Backup, RestoredTable

from local_aws.backups.kinds import BackupError, Kind, Site, without_case
from local_aws.functions.execution_role import role_allows
from local_aws.registry import Output
from local_aws.turn import TURN

TEST_NAME = "awsbackup-restore-test-"
RESTORE_ACTIONS = (
    "RestoreTableFromAwsBackup",
    "DescribeTable",
    "Scan",
    "Query",
    "GetItem",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
)
"""What a role must be allowed on the new table.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForRestores.html
"""


def _keep(site: Site, arn: str, point_arn: str) -> Any:
    with TURN:
        return Backup(site.account, site.region, point_arn, _table(site, arn))


def _metadata(site: Site, arn: str) -> dict[str, str]:
    encryption = _table(site, arn).sse_specification or {}
    own = {"kmsMasterKeyArn": str(encryption["KMSMasterKeyId"])} if encryption.get("KMSMasterKeyId") else {}
    return {"originalTableName": _name(arn), "encryptionType": "KMS" if own else "Default", **own}


def _restore(site: Site, point: Output, kept: Any, metadata: Mapping[str, str], tags: dict[str, str]) -> str:
    """As AWS does: a table on its own, without streams, tags, time to live and continuous backups of the old one."""
    del point, tags
    given = without_case(metadata)
    name, tables = given["targettablename"], dynamodb_backends[site.account][site.region].tables
    arn = f"arn:aws:dynamodb:{site.region}:{site.account}:table/{name}"
    for action in RESTORE_ACTIONS:
        if not role_allows(site.role, f"dynamodb:{action}", arn):
            raise BackupError(f"{site.role} is not authorized to perform: dynamodb:{action} on resource: {arn}")
    with TURN:
        if name in tables:
            raise BackupError(f"Table already exists: {name}")
        make: Any = RestoredTable
        table = make(name, site.account, site.region, kept)
        table.billing_mode = kept.table.billing_mode
        if given.get("encryptiontype", "Default") == "KMS":
            key = given.get("kmsmasterkeyarn") or "alias/aws/dynamodb"
            table.sse_specification = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        tables[name] = table
    return arn


def _size(kept: Any) -> int:
    return sum(int(item.size()) for item in kept.table.all_items())


def _remove(site: Site, arn: str) -> None:
    with TURN:
        dynamodb_backends[site.account][site.region].tables.pop(_name(arn), None)


def _inferred(site: Site, point: Output) -> dict[str, str]:
    del site, point
    return {"deletionProtection": "false", "encryptionType": "Default", "targetTableName": f"{TEST_NAME}{uuid4()}"}


def _table(site: Site, arn: str) -> Any:
    table = dynamodb_backends[site.account][site.region].tables.get(_name(arn))
    if table is None:
        raise BackupError(f"The table {arn} does not exist.")
    return table


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


TABLES = Kind(
    keep=_keep,
    metadata=_metadata,
    restore=_restore,
    name_key="targettablename",
    size=_size,
    forget=lambda site, point_arn: None,  # noqa: ARG005
    remove=_remove,
    inferred=_inferred,
)
