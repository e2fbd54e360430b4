"""The account that the stack is deployed to, known at plan time."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from constructs import Construct

from lib.settings import Settings


class Account:
    """Makes ARNs of this account, Region and partition."""

    def __init__(self, scope: Construct, *, settings: Settings) -> None:
        self.id = DataAwsCallerIdentity(scope, "account").account_id
        self.region = settings.aws_region
        self.partition = settings.partition.id

    @property
    def root_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.id}:root"

    def arn(self, service: str, resource: str) -> str:
        """Return `arn:{partition}:{service}:{region}:{account}:{resource}`."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{resource}"
