"""Log groups that the stack owns, so that they are encrypted, expire, and go with the environment."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from constructs import Construct

from lib.settings import Settings


def owned_log_group(scope: Construct, id_: str, *, name: str, settings: Settings, key_arn: str) -> CloudwatchLogGroup:
    """Return an encrypted log group whose retention follows the environment class."""
    return CloudwatchLogGroup(scope, id_, name=name, kms_key_id=key_arn, retention_in_days=settings.log_retention_days)
