"""The account's trail: every management event of every Region, in a bucket and in a log group."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.cloudtrail import Cloudtrail

from lib.audit.bucket import AuditBucket
from lib.audit.key import audit_key
from lib.audit.sole_audit import only_audit
from lib.iam import Statement, attach_policy, service_role
from lib.log_group import owned_log_group
from lib.region import Region

BASE = "audit"


class AuditTrail:
    """Who did what in the account, with digests that show whether a log file was changed afterwards.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
    """

    def __init__(self, region: Region) -> None:
        settings = region.settings
        name = settings.name(BASE)
        arn = region.arn("cloudtrail", f"trail/{name}")
        self.key = audit_key(region, trail_arn=arn)
        self.bucket = AuditBucket(region, key=self.key, trail_arn=arn)
        self.log_group = owned_log_group(
            region, "audit_log_group", name=f"/aws/cloudtrail/{name}", key_arn=self.key.arn
        )
        role = service_role(region, "audit_role", name=settings.regional_name(BASE), service="cloudtrail.amazonaws.com")
        only_audit(region, role)
        # One log stream for each Region that has events.
        # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
        streams = f"{self.log_group.arn}:log-stream:{region.account_id}_CloudTrail_*"
        delivery = attach_policy(
            region,
            "audit_delivery",
            role=role,
            name=settings.name("audit-delivery"),
            statements=[
                Statement(
                    sid="WriteAuditLog", actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[streams]
                )
            ],
        )
        self.trail = region.add(
            Cloudtrail,
            "audit_trail",
            name=name,
            s3_bucket_name=self.bucket.name,
            kms_key_id=self.key.arn,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            cloud_watch_logs_group_arn=f"{self.log_group.arn}:*",
            cloud_watch_logs_role_arn=role.arn,
            # CloudTrail tries both ways of delivery before it takes the trail.
            depends_on=[self.bucket.policy, delivery],
        )

    def outputs(self) -> dict[str, str]:
        return {
            "trail_name": self.trail.name,
            "trail_arn": self.trail.arn,
            "audit_key_arn": self.key.arn,
            "audit_log_group_name": self.log_group.name,
            **self.bucket.outputs(),
        }
