"""The bucket of what AWS's services write down about the environment: requests to the load balancer, canary runs."""

from __future__ import annotations

from lib.encryption import Key
from lib.iam import Statement
from lib.region import Region
from lib.storage.private_bucket import PrivateBucket

LOAD_BALANCER_PREFIX = "load-balancer"
INTELLIGENT_TIERING_DAYS, GLACIER_DAYS = 30, 90
# Glacier bills 90 days of what it holds, however soon that is deleted.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
SHORTEST_RETENTION_DAYS = GLACIER_DAYS + 90
NONCURRENT_DAYS = 30


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
        private = PrivateBucket(
            region,
            "logs_bucket",
            name=f"{region.settings.shared_name('logs')}-{region.name}",
            force_destroy=not region.settings.protected,
        )
        self.bucket, self.arn = private.bucket, private.arn
        policy = private.finish(
            self._load_balancers_write(),
            noncurrent_days=NONCURRENT_DAYS,
            expiration_days=max(region.settings.log_retention_days, SHORTEST_RETENTION_DAYS),
            transitions=[(INTELLIGENT_TIERING_DAYS, "INTELLIGENT_TIERING"), (GLACIER_DAYS, "GLACIER")],
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

    def _load_balancers_write(self) -> Statement:
        logs = f"{self.arn}/{LOAD_BALANCER_PREFIX}/AWSLogs/{self._region.account_id}/*"
        return Statement(
            sid="LoadBalancersWriteAccessLogs",
            actions=["s3:PutObject"],
            resources=[logs],
            principals={"Service": ["logdelivery.elasticloadbalancing.amazonaws.com"]},
        )
