"""The topic that everything to be noticed is sent to."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription

from lib.encryption import Key
from lib.iam import Statement, policy_document
from lib.region import Region


class Alerts:
    """An encrypted SNS topic that alarms and backup notices of this account may publish to."""

    def __init__(self, region: Region, *, key: Key) -> None:
        self._key = key
        self.topic = region.add(
            SnsTopic, "alerts_topic", name=region.settings.name("alerts"), kms_master_key_id=key.arn
        )
        region.add(
            SnsTopicPolicy,
            "alerts_topic_policy",
            arn=self.topic.arn,
            policy=policy_document(
                Statement(
                    sid="AlarmsPublish",
                    actions=["sns:Publish"],
                    resources=[self.topic.arn],
                    principals={"Service": ["cloudwatch.amazonaws.com"]},
                    conditions={"StringEquals": {"aws:SourceAccount": region.account_id}},
                ),
                # AWS Backup documents no condition that its notices meet.
                Statement(
                    sid="BackupPublishes",
                    actions=["sns:Publish"],
                    resources=[self.topic.arn],
                    principals={"Service": ["backup.amazonaws.com"]},
                ),
                Statement(
                    sid="RefusePlainHttp",
                    effect="Deny",
                    actions=["sns:Publish"],
                    resources=[self.topic.arn],
                    principals={"AWS": ["*"]},
                    conditions={"Bool": {"aws:SecureTransport": "false"}},
                ),
            ),
        )
        if region.settings.alert_email:
            region.add(
                SnsTopicSubscription,
                "alerts_email",
                topic_arn=self.topic.arn,
                protocol="email",
                endpoint=region.settings.alert_email,
            )

    @property
    def arn(self) -> str:
        return self.topic.arn

    def publish_access(self) -> list[Statement]:
        """Return the statements that let a role publish to the topic."""
        return [
            Statement(sid="PublishAlerts", actions=["sns:Publish"], resources=[self.arn]),
            self._key.use("EncryptAlerts"),
        ]
