"""The bucket that CodeBuild takes build contexts from."""

from __future__ import annotations

from cdktf import AssetType, TerraformAsset
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
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
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from cdktf_cdktf_provider_aws.s3_object import S3Object

from lib.compute.image_source import ImageSource
from lib.encryption import Key
from lib.iam import Statement, policy_document
from lib.region import Region

NONCURRENT_DAYS = 30
UPLOAD_DAYS = 7


class ContextBucket:
    """A private, encrypted, versioned bucket, emptied on destroy: what it holds can be made again from the sources."""

    def __init__(self, region: Region, *, key: Key) -> None:
        self._region = region
        self._key = key
        self.bucket = region.add(
            S3Bucket,
            "image_context_bucket",
            bucket=region.settings.regional_name("image-context"),
            force_destroy=True,
        )
        self._protected = [self._versioning(), self._encryption(), *self._privacy()]
        self._lifecycle()

    def read_access(self) -> list[Statement]:
        """Return the statements that let CodeBuild's role take a context from here."""
        return [
            Statement(
                sid="ReadContext",
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[f"{self.bucket.arn}/*"],
            ),
            # https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
            Statement(
                sid="FindContext",
                actions=["s3:GetBucketAcl", "s3:GetBucketLocation"],
                resources=[self.bucket.arn],
            ),
        ]

    def add(self, source: ImageSource) -> str:
        """Upload a context under its own name; return `bucket/key`."""
        role = self._region.settings.role
        asset = TerraformAsset(
            self._region.stack,
            f"{role}_image_context_file" if role else "image_context_file",
            path=str(source.path),
            type=AssetType.FILE,
            asset_hash=source.tag.upper(),
        )
        uploaded = self._region.add(
            S3Object,
            "image_context",
            bucket=self.bucket.bucket,
            key=f"{source.tag}.zip",
            source=asset.path,
            source_hash=source.tag,
            depends_on=self._protected,
        )
        return f"{self.bucket.bucket}/{uploaded.key}"

    def _versioning(self) -> S3BucketVersioningA:
        return self._region.add(
            S3BucketVersioningA,
            "image_context_versioning",
            bucket=self.bucket.id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )

    def _encryption(self) -> S3BucketServerSideEncryptionConfigurationA:
        return self._region.add(
            S3BucketServerSideEncryptionConfigurationA,
            "image_context_encryption",
            bucket=self.bucket.id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=(
                        S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                            sse_algorithm="aws:kms", kms_master_key_id=self._key.arn
                        )
                    ),
                    bucket_key_enabled=True,
                )
            ],
        )

    def _privacy(self) -> list[S3BucketPolicy | S3BucketOwnershipControls | S3BucketPublicAccessBlock]:
        blocked = self._region.add(
            S3BucketPublicAccessBlock,
            "image_context_public_access",
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        owned = self._region.add(
            S3BucketOwnershipControls,
            "image_context_ownership",
            bucket=self.bucket.id,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        tls_only = Statement(
            sid="RefusePlainText",
            effect="Deny",
            actions=["s3:*"],
            resources=[self.bucket.arn, f"{self.bucket.arn}/*"],
            principals={"AWS": ["*"]},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        policy = self._region.add(
            S3BucketPolicy,
            "image_context_policy",
            bucket=self.bucket.id,
            policy=policy_document(tls_only),
            depends_on=[blocked],
        )
        return [blocked, owned, policy]

    def _lifecycle(self) -> None:
        self._region.add(
            S3BucketLifecycleConfiguration,
            "image_context_lifecycle",
            bucket=self.bucket.id,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="expire",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    noncurrent_version_expiration=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=NONCURRENT_DAYS)
                    ],
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=UPLOAD_DAYS
                        )
                    ],
                )
            ],
            depends_on=[self._protected[0]],
        )
