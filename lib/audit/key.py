"""The key of all that an audit writes."""

from __future__ import annotations

from lib.encryption import CRYPTOGRAPHY, EncryptionKey
from lib.iam import Statement
from lib.region import Region

KEY_ITSELF = ["*"]  # A key policy's only resource is the key itself.


def audit_key(region: Region, *, trail_arn: str) -> EncryptionKey:
    """Return the key that CloudTrail may use for one trail, and CloudWatch Logs for this Region's log groups.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    """
    cloudtrail = {"Service": ["cloudtrail.amazonaws.com"]}
    of_the_trail = {"StringEquals": {"aws:SourceArn": trail_arn}}
    trails = f"arn:{region.partition}:cloudtrail:*:{region.account_id}:trail/*"
    return EncryptionKey(
        region,
        "audit",
        purpose="Audit log",
        services=[
            Statement(
                sid="CloudTrailEncrypts",
                # Decrypt: the bucket's own key is opened with it again.
                actions=["kms:GenerateDataKey*", "kms:Decrypt"],
                resources=KEY_ITSELF,
                principals=cloudtrail,
                conditions={**of_the_trail, "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": trails}},
            ),
            Statement(
                sid="CloudTrailDescribesTheKey",
                actions=["kms:DescribeKey"],
                resources=KEY_ITSELF,
                principals=cloudtrail,
                conditions=of_the_trail,
            ),
            Statement(
                sid="CloudWatchLogs",
                actions=CRYPTOGRAPHY,
                resources=KEY_ITSELF,
                principals={"Service": [f"logs.{region.name}.{region.settings.partition.dns_suffix}"]},
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": region.arn("logs", "log-group:*")}},
            ),
        ],
    )
