"""The session table: answers by payment session, kept until they expire, in one Region or in two."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableReplica,
    DynamodbTableServerSideEncryption,
    DynamodbTableTtl,
)

from lib.backup.tagged import backup_tags
from lib.encryption import Key, Replica
from lib.iam import Statement
from lib.region import Region

HASH_KEY = "session_id"
TTL_ATTRIBUTE = "expires_at"


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """The table as one Region has it."""

    name: str
    arn: str
    key: Key

    def write_access(self) -> list[Statement]:
        """Return the statements that let a role read and write single sessions."""
        return [
            Statement(
                sid="ReadAndWriteSessions",
                actions=["dynamodb:GetItem", "dynamodb:PutItem"],
                resources=[self.arn],
            ),
            self.key.use("UseSessionsKey"),
        ]


class SessionTable:
    """A DynamoDB table on demand, with point-in-time recovery, a stream and a key of its own; `replica` is the same
    table in another Region, written in both."""

    def __init__(self, region: Region, *, key: Key, replica: Replica | None = None) -> None:
        self.table = region.add(
            DynamodbTable,
            "sessions_table",
            name=region.settings.name("sessions"),
            billing_mode="PAY_PER_REQUEST",
            hash_key=HASH_KEY,
            attribute=[DynamodbTableAttribute(name=HASH_KEY, type="S")],
            ttl=DynamodbTableTtl(attribute_name=TTL_ATTRIBUTE, enabled=True),
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            server_side_encryption=DynamodbTableServerSideEncryption(enabled=True, kms_key_arn=key.arn),
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
            tags=backup_tags(region.settings),
            deletion_protection_enabled=region.settings.protected,
            replica=[
                DynamodbTableReplica(
                    region_name=replica.region.name,
                    kms_key_arn=replica.key.arn,
                    point_in_time_recovery=True,
                    propagate_tags=True,
                )
            ]
            if replica
            else None,
        )
        self.sessions = Sessions(name=self.table.name, arn=self.table.arn, key=key)

    def sessions_of(self, replica: Replica) -> Sessions:
        """Return the table as another Region has it: under the same name."""
        settings = replica.region.settings
        arn = replica.region.arn("dynamodb", f"table/{settings.shared_name('sessions')}")
        return Sessions(name=self.table.name, arn=arn, key=replica.key)

    def outputs(self) -> dict[str, str]:
        return {
            "sessions_table_name": self.table.name,
            "sessions_table_arn": self.table.arn,
            "sessions_stream_arn": self.table.stream_arn,
        }
