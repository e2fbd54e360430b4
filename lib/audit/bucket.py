"""The bucket that an account's audit is written to."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import S3BucketVersioningA, S3BucketVersioningVersioningConfiguration

from lib.encryption import Key
from lib.iam import Statement, policy_document
from lib.region import Region

BASE = "audit"
UNFINISHED_UPLOAD_DAYS = 7
OWNER_HAS_FULL_CONTROL = {"s3:x-amz-acl": "bucket-owner-full-control"}


class AuditBucket:
    """Encrypted, versioned, private, TLS only. Its log is kept as long as its class keeps logs.

    Names of buckets are all accounts' together: the account's number in it leaves every account its own.
    """

    def __init__(self, region: Region, *, key: Key, trail_arn: str) -> None:
        self._region = region
        self.bucket = region.add(
            S3Bucket,
            "audit_bucket",
            bucket=region.settings.regional_name(f"{BASE}-{region.account_id}"),
            # Of class production the log stays: S3 refuses to delete a bucket that holds something.
            force_destroy=not region.settings.protected,
        )
        self.name = self.bucket.bucket
        self.arn = self.bucket.arn
        self._encrypt(key)
        self._close()
        self._expire()
        self.policy = region.add(
            S3BucketPolicy,
            "audit_bucket_policy",
            bucket=self.bucket.id,
            policy=policy_document(self._tls_only(), *self._trail_writes(trail_arn)),
        )

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

    def _encrypt(self, key: Key) -> None:
        default = S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
            sse_algorithm="aws:kms", kms_master_key_id=key.arn
        )
        self._region.add(
            S3BucketServerSideEncryptionConfigurationA,
            "audit_bucket_encryption",
            bucket=self.bucket.id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=default, bucket_key_enabled=True
                )
            ],
        )

    def _close(self) -> None:
        self._region.add(
            S3BucketPublicAccessBlock,
            "audit_bucket_public_access",
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        self._region.add(
            S3BucketOwnershipControls,
            "audit_bucket_ownership",
            bucket=self.bucket.id,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )

    def _expire(self) -> None:
        versioning = self._region.add(
            S3BucketVersioningA,
            "audit_bucket_versioning",
            bucket=self.bucket.id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        days = self._region.settings.log_retention_days
        rule = S3BucketLifecycleConfigurationRule(
            id="expire",
            status="Enabled",
            filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
            expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=days)],
            # What somebody overwrote or deleted can be had back for as long again.
            noncurrent_version_expiration=[
                S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=days)
            ],
            abort_incomplete_multipart_upload=[
                S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                    days_after_initiation=UNFINISHED_UPLOAD_DAYS
                )
            ],
        )
        self._region.add(
            S3BucketLifecycleConfiguration,
            "audit_bucket_lifecycle",
            bucket=self.bucket.id,
            rule=[rule],
            depends_on=[versioning],
        )

    def _tls_only(self) -> Statement:
        return Statement(
            sid="TlsOnly",
            effect="Deny",
            actions=["s3:*"],
            resources=[self.arn, f"{self.arn}/*"],
            principals={"AWS": ["*"]},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )

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
