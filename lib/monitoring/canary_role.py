"""What a canary may do, and the log group of the function that Synthetics makes for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import Fn, Token
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.synthetics_canary import SyntheticsCanary

from lib.encryption import Key
from lib.iam import Statement, attach_policy, service_role
from lib.log_group import owned_log_group
from lib.region import Region

METRICS = "CloudWatchSynthetics"
# A function's ARN: arn:aws:lambda:{Region}:{account}:function:{name}:{version}.
NAME_PART = 6


@dataclass(frozen=True, kw_only=True)
class Artifacts:
    """Where the runs of canaries leave their logs: under `prefix`, which has no slash at its ends."""

    bucket_name: str
    bucket_arn: str
    prefix: str


class CanaryRole:
    """The role of one canary: it reports, and does what is granted.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_CanaryPermissions.html
    """

    def __init__(
        self, region: Region, id_: str, *, name: str, artifacts: Artifacts, key: Key, in_vpc: bool = False
    ) -> None:
        self._region = region
        self._id = id_
        self._base = f"canary-{name}"
        self.role = service_role(
            region, f"{id_}_role", name=region.settings.name(self._base), service="lambda.amazonaws.com"
        )
        self.attachments: list[IamRolePolicyAttachment] = []
        self.grant("report", _report(artifacts, key))
        if in_vpc:
            self.grant("network", [_join_vpc()])

    def grant(self, concern: str, statements: Sequence[Statement]) -> None:
        """Give the role one policy for one concern."""
        self.attachments.append(
            attach_policy(
                self._region,
                f"{self._id}_{concern.replace('-', '_')}",
                role=self.role,
                name=self._region.settings.name(f"{self._base}-{concern}"),
                statements=statements,
            )
        )

    def grant_logs(self, log_group: CloudwatchLogGroup) -> None:
        """Let the canary write its log, and not make the group anew after a destroy."""
        write = Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[f"{log_group.arn}:*"],
        )
        self.grant("logs", [write])


def engine_log_group(region: Region, id_: str, *, canary: SyntheticsCanary, key_arn: str) -> CloudwatchLogGroup:
    """Return the log group of a canary's function, whose name AWS makes up. What it logs before that is lost."""
    name = Token.as_string(Fn.element(Fn.split(":", canary.engine_arn), NAME_PART))
    return owned_log_group(region, f"{id_}_log_group", name=f"/aws/lambda/{name}", key_arn=key_arn)


def _report(artifacts: Artifacts, key: Key) -> list[Statement]:
    return [
        Statement(
            sid="KeepArtifacts",
            actions=["s3:PutObject", "s3:GetObject"],
            resources=[f"{artifacts.bucket_arn}/{artifacts.prefix}/*"],
        ),
        Statement(sid="FindArtifacts", actions=["s3:GetBucketLocation"], resources=[artifacts.bucket_arn]),
        Statement(
            sid="ListBuckets",
            actions=["s3:ListAllMyBuckets"],
            resources=["*"],  # It has no resource-level permission, and the runtime looks for the bucket with it.
        ),
        Statement(
            sid="PutMetrics",
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],  # It has no resource-level permission; the condition narrows it.
            conditions={"StringEquals": {"cloudwatch:namespace": METRICS}},
        ),
        key.use("EncryptArtifacts"),
    ]


def _join_vpc() -> Statement:
    return Statement(
        sid="JoinVpc",
        actions=["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"],
        resources=["*"],  # Lambda checks for these on every resource before it makes its interfaces.
    )
