"""AWS Config: what every resource of the Region was like at what time, and which of them break a rule."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.config_config_rule import ConfigConfigRule, ConfigConfigRuleSource
from cdktf_cdktf_provider_aws.config_configuration_recorder import (
    ConfigConfigurationRecorder,
    ConfigConfigurationRecorderRecordingGroup,
)
from cdktf_cdktf_provider_aws.config_configuration_recorder_status import ConfigConfigurationRecorderStatus
from cdktf_cdktf_provider_aws.config_delivery_channel import ConfigDeliveryChannel
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment

from lib.encryption import Key
from lib.iam import Statement, attach_policy, service_role
from lib.region import Region

# Rules that AWS keeps, by what this project holds its own resources to.
# https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html
MANAGED_RULES = {
    "root_mfa": "ROOT_ACCOUNT_MFA_ENABLED",
    "user_mfa": "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS",
    "trail_encrypted": "CLOUD_TRAIL_ENCRYPTION_ENABLED",
    "trail_validated": "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED",
    "bucket_tls": "S3_BUCKET_SSL_REQUESTS_ONLY",
    "bucket_private": "S3_BUCKET_PUBLIC_READ_PROHIBITED",
    "database_encrypted": "RDS_STORAGE_ENCRYPTED",
    "database_private": "RDS_INSTANCE_PUBLIC_ACCESS_CHECK",
    "default_group_closed": "VPC_DEFAULT_SECURITY_GROUP_CLOSED",
    "flow_logs": "VPC_FLOW_LOGS_ENABLED",
}


class ConfigurationHistory:
    """The Region's recorder and where it delivers. AWS takes one of either for each account and Region."""

    PREFIX = "config"

    def __init__(self, region: Region, *, bucket_name: str, bucket_access: list[Statement], key: Key) -> None:
        """`bucket_access` lets a role deliver below `PREFIX` of the bucket, which `key` encrypts."""
        self._region = region
        self._name = region.settings.name("audit")
        self.recorder = self._recorder(bucket_access, key)
        channel = region.add(
            ConfigDeliveryChannel,
            "configuration_channel",
            name=self._name,
            s3_bucket_name=bucket_name,
            s3_key_prefix=self.PREFIX,
            s3_kms_key_arn=key.arn,
            depends_on=[self.recorder],
        )
        self.recording = region.add(
            ConfigConfigurationRecorderStatus,
            "configuration_recording",
            name=self.recorder.name,
            is_enabled=True,
            depends_on=[channel],
        )
        for id_, identifier in MANAGED_RULES.items():
            region.add(
                ConfigConfigRule,
                f"{id_}_rule",
                name=region.settings.name(id_.replace("_", "-")),
                source=ConfigConfigRuleSource(owner="AWS", source_identifier=identifier),
                depends_on=[self.recorder],
            )

    def outputs(self) -> dict[str, str]:
        return {"config_recorder_name": self.recorder.name}

    def _recorder(self, bucket_access: list[Statement], key: Key) -> ConfigConfigurationRecorder:
        region = self._region
        role = service_role(
            region,
            "configuration_role",
            name=region.settings.name("configuration"),
            service="config.amazonaws.com",
            of_account=region.account_id,
        )
        # AWS adds to it what a new type of resource needs: any list of our own would fall behind.
        # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWS_ConfigRole.html
        reading = region.add(
            IamRolePolicyAttachment,
            "configuration_reading",
            role=role.name,
            policy_arn=f"arn:{region.partition}:iam::aws:policy/service-role/AWS_ConfigRole",
        )
        delivery = attach_policy(
            region,
            "configuration_delivery",
            role=role,
            name=region.settings.name("configuration-delivery"),
            statements=[*bucket_access, key.use("EncryptWhatIsDelivered")],
        )
        return region.add(
            ConfigConfigurationRecorder,
            "configuration_recorder",
            name=self._name,
            role_arn=role.arn,
            recording_group=ConfigConfigurationRecorderRecordingGroup(
                all_supported=True, include_global_resource_types=True
            ),
            depends_on=[reading, delivery],
        )
