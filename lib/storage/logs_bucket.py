"""The bucket of what AWS's services write down about the environment: requests to the load balancer, canary runs."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
    S3BucketLifecycleConfigurationRuleTransition,
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
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)

from lib.encryption import Key
from lib.iam import Statement, policy_document
from lib.region import Region

LOAD_BALANCER_PREFIX = "load-balancer"
INTELLIGENT_TIERING_DAYS, GLACIER_DAYS = 30, 90
# Glacier bills 90 days of what it holds, however soon that is deleted.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
SHORTEST_RETENTION_DAYS = GLACIER_DAYS + 90
NONCURRENT_DAYS = 30
ABORTED_UPLOAD_DAYS = 7


class LogsBucket:
    """One bucket for all logs of a Region, versioned, closed to the public, and emptied by a destroy.

    Encrypted with S3's own keys by default, since a load balancer can write to no other bucket; who writes to it with a
    role encrypts with the environment's key. Both can be in one bucket, as each object has its own encryption.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """

    def __init__(self, region: Region, *, key: Key) -> None:
        """`key` is what roles encrypt with. The name of a bucket is taken for all accounts of a partition."""
        self._region = region
        self._key = key
        self.bucket = region.add(
            S3Bucket,
            "logs_bucket",
            bucket=f"{region.settings.shared_name('logs')}-{region.name}",
            force_destroy=not region.settings.protected,
        )
        self.arn = self.bucket.arn
        region.add(
            S3BucketOwnershipControls,
            "logs_bucket_ownership",
            bucket=self.bucket.id,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        public_access_block = region.add(
            S3BucketPublicAccessBlock,
            "logs_bucket_public_access",
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        encryption = S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
            sse_algorithm="AES256"
        )
        region.add(
            S3BucketServerSideEncryptionConfigurationA,
            "logs_bucket_encryption",
            bucket=self.bucket.id,
            rule=[S3BucketServerSideEncryptionConfigurationRuleA(apply_server_side_encryption_by_default=encryption)],
        )
        self._keep_versions_for_a_while()
        policy = region.add(
            S3BucketPolicy,
            "logs_bucket_policy",
            bucket=self.bucket.id,
            policy=policy_document(self._tls_only(), self._load_balancers_write()),
            # S3 takes one change of these at a time.
            depends_on=[public_access_block],
        )
        # Read from the policy, so that nobody is told to write before they may.
        self.name = policy.bucket

    def outputs(self) -> dict[str, str]:
        return {"logs_bucket_name": self.name}

    def write_access(self, prefix: str) -> list[Statement]:
        """Return the statements that let a role keep its own things under `prefix`, encrypted with the key."""
        return [
            Statement(
                sid="KeepArtifacts", actions=["s3:PutObject", "s3:GetObject"], resources=[f"{self.arn}/{prefix}/*"]
            ),
            Statement(sid="FindTheBucket", actions=["s3:GetBucketLocation"], resources=[self.arn]),
            self._key.use("EncryptArtifacts"),
        ]

    def _keep_versions_for_a_while(self) -> None:
        versioning = self._region.add(
            S3BucketVersioningA,
            "logs_bucket_versioning",
            bucket=self.bucket.id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        retention_days = max(self._region.settings.log_retention_days, SHORTEST_RETENTION_DAYS)
        rule = S3BucketLifecycleConfigurationRule(
            id="archive-and-expire",
            status="Enabled",
            filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
            transition=[
                S3BucketLifecycleConfigurationRuleTransition(
                    days=INTELLIGENT_TIERING_DAYS, storage_class="INTELLIGENT_TIERING"
                ),
                S3BucketLifecycleConfigurationRuleTransition(days=GLACIER_DAYS, storage_class="GLACIER"),
            ],
            expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=retention_days)],
            noncurrent_version_expiration=[
                S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=NONCURRENT_DAYS)
            ],
            abort_incomplete_multipart_upload=[
                S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                    days_after_initiation=ABORTED_UPLOAD_DAYS
                )
            ],
        )
        self._region.add(
            S3BucketLifecycleConfiguration,
            "logs_bucket_lifecycle",
            bucket=self.bucket.id,
            rule=[rule],
            depends_on=[versioning],
        )

    def _tls_only(self) -> Statement:
        return Statement(
            sid="RefusePlainHttp",
            effect="Deny",
            actions=["s3:*"],
            resources=[self.arn, f"{self.arn}/*"],
            principals={"AWS": ["*"]},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )

    def _load_balancers_write(self) -> Statement:
        logs = f"{self.arn}/{LOAD_BALANCER_PREFIX}/AWSLogs/{self._region.account_id}/*"
        return Statement(
            sid="LoadBalancersWriteAccessLogs",
            actions=["s3:PutObject"],
            resources=[logs],
            principals={"Service": ["logdelivery.elasticloadbalancing.amazonaws.com"]},
        )
