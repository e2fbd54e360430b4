"""The bucket that CodeBuild takes build contexts from."""

from __future__ import annotations

from cdktf import AssetType, TerraformAsset
from cdktf_cdktf_provider_aws.s3_object import S3Object

from lib.compute.image_source import ImageSource
from lib.encryption import Key
from lib.iam import Statement
from lib.region import Region
from lib.storage.private_bucket import PrivateBucket

NONCURRENT_DAYS = 30


class ContextBucket:
    """A private, encrypted, versioned bucket, emptied on destroy: what it holds can be made again from the sources."""

    def __init__(self, region: Region, *, key: Key) -> None:
        self._region = region
        private = PrivateBucket(
            region,
            "image_context_bucket",
            name=region.settings.regional_name("image-context"),
            force_destroy=True,
            key=key,
        )
        private.finish(noncurrent_days=NONCURRENT_DAYS)
        self.bucket, self._protected = private.bucket, private.protected

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
