"""Where the Terraform state will be kept, and whether it is safe there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath

from botocore.exceptions import ClientError

from lib.provider_options import state_file
from lib.settings import Settings
from tap.account import Account
from tap.doctor.check import Check, Status
from tap.doctor.examination import Examination
from tap.toolchain import ROOT

GROUP = "State"
OLD_LOCK_SECONDS = 3600
# Every part of https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html
_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def local_state(settings: Settings, *, on_local_aws: bool) -> Iterator[Check]:
    """The state as a file of this computer: good for trying out, and a risk for anything else."""
    file = ROOT / state_file(settings.architecture, settings.environment_suffix)
    found = f"a file of this computer: {file}" + ("" if file.exists() else " (none yet)")
    if on_local_aws:
        yield Check.ok(GROUP, "state", found)
    else:
        remedy = 'set STATE_BUCKET (and STATE_REGION); README, "Deploy to AWS from CI", makes the bucket'
        yield Check.warning(GROUP, "state", f"{found}, the only list of what is deployed", remedy)


class StateBucket:
    """The bucket STATE_BUCKET. Writing to it is not tried, as the doctor changes nothing."""

    def __init__(self, account: Account, bucket: str, region: str) -> None:
        self.account = account
        self.bucket = bucket
        self.region = region
        self._client = account.client("s3", region)

    def checks(self) -> Iterator[Check]:
        """The bucket, then what it should be like; each with its own permission."""
        bucket = list(self.exists())
        yield from bucket
        if bucket[-1].status is not Status.OK:
            return
        looks = {
            "versions": self.versions,
            "encryption": self.encryption,
            "public access": self.public_access,
            "locks": self.locks,
        }
        for name, look in looks.items():
            yield from Examination(GROUP, name, look).checks()

    def exists(self) -> Iterator[Check]:
        """Whether it is there, in the Region of STATE_REGION, and may be listed."""
        make = f"`aws s3 mb s3://{self.bucket} --region {self.region}`"
        try:
            answer = self._client.head_bucket(Bucket=self.bucket)
        except ClientError as error:
            status = error.response["Error"]["Code"]
            if status in ("404", "NoSuchBucket"):
                remedy = f"{make}, or correct STATE_BUCKET"
                yield Check.fault(GROUP, "bucket", f"there is no bucket {self.bucket!r}", remedy)
                return
            if status in ("403", "AccessDenied", "Forbidden"):
                found = f"not permitted: s3:ListBucket on {self.bucket}, or it is another account's"
                remedy = "allow s3:ListBucket on it, or correct STATE_BUCKET"
                yield Check.not_checked(GROUP, "bucket", found, remedy)
                return
            raise
        actual = answer.get("BucketRegion") or self.region
        if actual != self.region:
            found = f"{self.bucket} is in {actual} and not in {self.region}"
            yield Check.fault(GROUP, "bucket", found, f"set STATE_REGION={actual}")
        else:
            yield Check.ok(GROUP, "bucket", f"{self.bucket} in {self.region}; writing to it was not tried")

    def versions(self) -> Iterator[Check]:
        """Whether an overwritten state can be had back."""
        status = self._client.get_bucket_versioning(Bucket=self.bucket).get("Status", "off")
        if status == "Enabled":
            yield Check.ok(GROUP, "versions", "kept")
            return
        command = (
            f"`aws s3api put-bucket-versioning --bucket {self.bucket} --region {self.region} "
            "--versioning-configuration Status=Enabled`"
        )
        yield Check.warning(GROUP, "versions", f"{status.lower()}: a lost state cannot be had back", command)

    def encryption(self) -> Iterator[Check]:
        """Whether objects are encrypted without being asked to; the state's own object always asks."""
        try:
            answer = self._client.get_bucket_encryption(Bucket=self.bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ServerSideEncryptionConfigurationNotFoundError":
                raise
            rule = '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}'
            command = (
                f"`aws s3api put-bucket-encryption --bucket {self.bucket} --region {self.region} "
                f"--server-side-encryption-configuration '{rule}'`"
            )
            yield Check.warning(GROUP, "encryption", "no default encryption", command)
            return
        rule = answer["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
        yield Check.ok(GROUP, "encryption", str(rule["SSEAlgorithm"]))

    def public_access(self) -> Iterator[Check]:
        """Whether nobody can open the bucket to the public by mistake."""
        try:
            answer = self._client.get_public_access_block(Bucket=self.bucket)["PublicAccessBlockConfiguration"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
                raise
            answer = {}
        missing = [block for block in _BLOCKS if not answer.get(block)]
        if not missing:
            yield Check.ok(GROUP, "public access", "blocked")
            return
        blocks = ",".join(f"{block}=true" for block in _BLOCKS)
        command = (
            f"`aws s3api put-public-access-block --bucket {self.bucket} --region {self.region} "
            f"--public-access-block-configuration {blocks}`"
        )
        yield Check.warning(GROUP, "public access", f"not blocked: {', '.join(missing)} is off", command)

    def locks(self) -> Iterator[Check]:
        """Locks that are older than any run takes: what held them was killed."""
        old = []
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="payment/"):
            for found in page.get("Contents", []):
                age = (datetime.now(UTC) - found["LastModified"]).total_seconds()
                if found["Key"].endswith(".tfstate.tflock") and age > OLD_LOCK_SECONDS:
                    old.append((found["Key"], age))
        if not old:
            yield Check.ok(GROUP, "locks", "none is older than an hour")
        for key, age in old:
            suffix = PurePosixPath(key).name.removesuffix(".tfstate.tflock")
            found = f"the state of {suffix} is locked for {age / 3600:.0f} h{self._holder(key)}"
            remedy = f"if that run no longer exists: `tap env unlock {suffix}`"
            yield Check.warning(GROUP, "locks", found, remedy)

    def _holder(self, key: str) -> str:
        """Who made the lock, as Terraform wrote it down."""
        try:
            lock = json.loads(self._client.get_object(Bucket=self.bucket, Key=key)["Body"].read())
            return f" by {lock['Who']} ({lock['Operation']})"
        except (ClientError, ValueError, KeyError, TypeError):
            return ""
