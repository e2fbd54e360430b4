"""An S3 bucket as all of the project's are: versioned, encrypted, closed to the public, TLS only, emptied in time."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable
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

ABORTED_UPLOAD_DAYS = 7


class PrivateBucket:
    """The bucket, called `name`, which S3 deletes with what it holds if `force_destroy`.

    Encrypted with `key`, or with S3's own ones without it. `finish` gives it its policy and its lifecycle.
    """

    def __init__(self, region: Region, id_: str, *, name: str, force_destroy: bool, key: Key | None = None) -> None:
        self._region, self._id = region, id_
        self.bucket = region.add(S3Bucket, id_, bucket=name, force_destroy=force_destroy)
        self.arn = self.bucket.arn
        self._versioning = region.add(
            S3BucketVersioningA,
            f"{id_}_versioning",
            bucket=self.bucket.id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        default = S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
            sse_algorithm="aws:kms" if key else "AES256", kms_master_key_id=key.arn if key else None
        )
        encryption = region.add(
            S3BucketServerSideEncryptionConfigurationA,
            f"{id_}_encryption",
            bucket=self.bucket.id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=default, bucket_key_enabled=True if key else None
                )
            ],
        )
        owner = region.add(
            S3BucketOwnershipControls,
            f"{id_}_ownership",
            bucket=self.bucket.id,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        self._closed = region.add(
            S3BucketPublicAccessBlock,
            f"{id_}_public_access",
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        # What must be there before something is put into it; the policy too, once it is finished.
        self.protected: list[ITerraformDependable] = [self._versioning, encryption, owner, self._closed]

    def finish(
        self,
        *statements: Statement,
        noncurrent_days: int,
        expiration_days: int | None = None,
        transitions: Sequence[tuple[int, str]] = (),
    ) -> S3BucketPolicy:
        """Refuse plain HTTP and allow what the statements say; return the policy.

        Versions that were overwritten or deleted go after `noncurrent_days`, the others after `expiration_days`, if at
        all; `transitions` are days and storage classes.
        """
        self._keep(noncurrent_days, expiration_days, transitions)
        policy = self._region.add(
            S3BucketPolicy,
            f"{self._id}_policy",
            bucket=self.bucket.id,
            policy=policy_document(self._tls_only(), *statements),
            # S3 takes one change of these at a time.
            depends_on=[self._closed],
        )
        self.protected.append(policy)
        return policy

    def _keep(self, noncurrent_days: int, days: int | None, transitions: Sequence[tuple[int, str]]) -> None:
        rule = S3BucketLifecycleConfigurationRule(
            id="archive-and-expire",
            status="Enabled",
            filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
            transition=[
                S3BucketLifecycleConfigurationRuleTransition(days=after, storage_class=storage_class)
                for after, storage_class in transitions
            ]
            or None,
            expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=days)] if days else None,
            noncurrent_version_expiration=[
                S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=noncurrent_days)
            ],
            abort_incomplete_multipart_upload=[
                S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                    days_after_initiation=ABORTED_UPLOAD_DAYS
                )
            ],
        )
        self._region.add(
            S3BucketLifecycleConfiguration,
            f"{self._id}_lifecycle",
            bucket=self.bucket.id,
            rule=[rule],
            depends_on=[self._versioning],
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
