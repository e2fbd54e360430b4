"""Log groups that the stack owns, so that they are encrypted, expire, and go with the environment."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup

from lib.region import Region


def owned_log_group(region: Region, id_: str, *, name: str, key_arn: str) -> CloudwatchLogGroup:
    """Return an encrypted log group whose retention follows the environment class."""
    return region.add(
        CloudwatchLogGroup, id_, name=name, kms_key_id=key_arn, retention_in_days=region.settings.log_retention_days
    )
