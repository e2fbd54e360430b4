"""The bucket that an account's audit is written to."""

from __future__ import annotations

from lib.encryption import Key
from lib.iam import Statement
from lib.region import Region
from lib.storage.private_bucket import PrivateBucket

BASE = "audit"
OWNER_HAS_FULL_CONTROL = {"s3:x-amz-acl": "bucket-owner-full-control"}


class AuditBucket:
    """Encrypted, versioned, private, TLS only. Its log is kept as long as its class keeps logs.

    Names of buckets are all accounts' together: the account's number in it leaves every account its own.
    """

    def __init__(self, region: Region, *, key: Key, trail_arn: str) -> None:
        self._region = region
        private = PrivateBucket(
            region,
            "audit_bucket",
            name=region.settings.regional_name(f"{BASE}-{region.account_id}"),
            # Of class production the log stays: S3 refuses to delete a bucket that holds something.
            force_destroy=not region.settings.protected,
            key=key,
        )
        self.bucket, self.arn = private.bucket, private.arn
        self.name = self.bucket.bucket
        days = region.settings.log_retention_days
        # What somebody overwrote or deleted can be had back for as long again.
        self.policy = private.finish(*self._trail_writes(trail_arn), noncurrent_days=days, expiration_days=days)

    def outputs(self) -> dict[str, str]:
        return {"audit_bucket_name": self.name, "audit_bucket_arn": self.arn}

    def log_path(self, prefix: str = "") -> str:
        """Return the ARN of the objects that services write below a prefix for this account."""
        return f"{self.arn}/{prefix}AWSLogs/{self._region.account_id}/*"

    def delivery_access(self, prefix: str) -> list[Statement]:
        """Return the statements that let a role deliver to a prefix of the bucket.

        https://docs.aws.amazon.com/config/latest/developerguide/iamrole-permissions.html
        """
        return [
            Statement(
                sid="DeliverToTheBucket",
                actions=["s3:PutObject", "s3:PutObjectAcl"],
                resources=[self.log_path(f"{prefix}/")],
                conditions={"StringLike": OWNER_HAS_FULL_CONTROL},
            ),
            Statement(sid="SeeWhoseBucketItIs", actions=["s3:GetBucketAcl"], resources=[self.arn]),
        ]

    def _trail_writes(self, trail_arn: str) -> list[Statement]:
        """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"""
        cloudtrail = {"Service": ["cloudtrail.amazonaws.com"]}
        of_the_trail = {"aws:SourceArn": trail_arn}
        return [
            Statement(
                sid="CloudTrailSeesWhoseBucketItIs",
                actions=["s3:GetBucketAcl"],
                resources=[self.arn],
                principals=cloudtrail,
                conditions={"StringEquals": of_the_trail},
            ),
            Statement(
                sid="CloudTrailWrites",
                actions=["s3:PutObject"],
                resources=[self.log_path()],
                principals=cloudtrail,
                conditions={"StringEquals": {**of_the_trail, **OWNER_HAS_FULL_CONTROL}},
            ),
        ]
