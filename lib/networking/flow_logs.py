"""VPC flow logs to a log group of the environment's own."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.flow_log import FlowLog

from lib.iam import Statement, attach_policy, service_role
from lib.log_group import owned_log_group
from lib.region import Region


class FlowLogs:
    """All accepted and refused traffic of a VPC, in one-minute records."""

    def __init__(self, region: Region, *, vpc_id: str, key_arn: str) -> None:
        self.log_group = owned_log_group(
            region,
            "flow_log_group",
            name=f"/aws/vpc/{region.settings.name('flow-logs')}",
            key_arn=key_arn,
        )
        role = service_role(
            region, "flow_log_role", name=region.settings.name("flow-logs"), service="vpc-flow-logs.amazonaws.com"
        )
        attach_policy(
            region,
            "flow_log_policy",
            role=role,
            name=region.settings.name("flow-logs"),
            statements=[
                Statement(
                    sid="WriteFlowLogs",
                    actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                    resources=[self.log_group.arn, f"{self.log_group.arn}:*"],
                ),
            ],
        )
        self.flow_log = region.add(
            FlowLog,
            "flow_log",
            vpc_id=vpc_id,
            traffic_type="ALL",
            max_aggregation_interval=60,
            log_destination=self.log_group.arn,
            iam_role_arn=role.arn,
            tags={"Name": region.settings.name("flow-logs")},
        )
