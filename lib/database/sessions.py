"""The session table: answers by payment session, kept until they expire."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
    DynamodbTableTtl,
)
from constructs import Construct

from lib.encryption import EncryptionKey
from lib.iam import Statement
from lib.settings import Settings

HASH_KEY = "session_id"
TTL_ATTRIBUTE = "expires_at"


class SessionTable:
    """A DynamoDB table on demand, with point-in-time recovery, a stream and a key of its own."""

    def __init__(self, scope: Construct, *, settings: Settings, key: EncryptionKey) -> None:
        self._key = key
        self.table = DynamodbTable(
            scope,
            "sessions_table",
            name=settings.name("sessions"),
            billing_mode="PAY_PER_REQUEST",
            hash_key=HASH_KEY,
            attribute=[DynamodbTableAttribute(name=HASH_KEY, type="S")],
            ttl=DynamodbTableTtl(attribute_name=TTL_ATTRIBUTE, enabled=True),
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            server_side_encryption=DynamodbTableServerSideEncryption(enabled=True, kms_key_arn=key.arn),
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
            deletion_protection_enabled=settings.protected,
        )

    def outputs(self) -> dict[str, str]:
        return {
            "sessions_table_name": self.table.name,
            "sessions_table_arn": self.table.arn,
            "sessions_stream_arn": self.table.stream_arn,
        }

    def write_access(self) -> list[Statement]:
        """Return the statements that let a role read and write single sessions."""
        return [
            Statement(
                sid="ReadAndWriteSessions",
                actions=["dynamodb:GetItem", "dynamodb:PutItem"],
                resources=[self.table.arn],
            ),
            self._key.use("UseSessionsKey"),
        ]
