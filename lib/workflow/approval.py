"""The approval workflow: a Step Functions state machine for payments above the threshold."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cdktf_cdktf_provider_aws.sfn_state_machine import (
    SfnStateMachine,
    SfnStateMachineEncryptionConfiguration,
    SfnStateMachineLoggingConfiguration,
    SfnStateMachineTracingConfiguration,
)

from lib.encryption import Key
from lib.iam import Statement, attach_policy, service_role
from lib.log_group import owned_log_group
from lib.region import Region
from lib.workflow.approval_definition import approval_definition

DATA_KEY_REUSE_SECONDS = 300
# Each of them has no resource-level permission.
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
LOG_DELIVERY_ACTIONS = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)


def approval_arn(region: Region) -> str:
    """Return the ARN of the state machine from its name: the function that it calls must know it first."""
    return region.arn("states", f"stateMachine:{region.settings.name('approval')}")


def start_access(region: Region, key: Key) -> list[Statement]:
    """Return the statements that let a role start the approval of a payment."""
    return [
        Statement(sid="StartApprovals", actions=["states:StartExecution"], resources=[approval_arn(region)]),
        key.use("EncryptApprovals"),
    ]


class ApprovalWorkflow:
    """The state machine, its role and its log: errors only, and never what an execution holds."""

    def __init__(
        self,
        region: Region,
        *,
        key: Key,
        function_arn: str,
        topic_arn: str,
        topic_access: Sequence[Statement],
    ) -> None:
        name = region.settings.name("approval")
        log_group = owned_log_group(
            region, "approval_log_group", name=f"/aws/vendedlogs/states/{name}", key_arn=key.arn
        )
        # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
        role = service_role(
            region, "approval_role", name=name, service="states.amazonaws.com", of_account=region.account_id
        )
        permissions = [
            attach_policy(
                region,
                f"approval_{concern}",
                role=role,
                name=region.settings.name(f"approval-{concern}"),
                statements=statements,
            )
            for concern, statements in {
                "function": [
                    Statement(sid="CallTheFunction", actions=["lambda:InvokeFunction"], resources=[function_arn])
                ],
                "notices": topic_access,
                "runtime": [*_log_and_trace(), key.use("EncryptExecutions")],
            }.items()
        ]
        self.state_machine = region.add(
            SfnStateMachine,
            "approval",
            name=name,
            type="STANDARD",
            role_arn=role.arn,
            definition=json.dumps(
                approval_definition(
                    partition=region.partition,
                    function_arn=function_arn,
                    topic_arn=topic_arn,
                    approval_hours=region.settings.approval_hours,
                )
            ),
            encryption_configuration=SfnStateMachineEncryptionConfiguration(
                type="CUSTOMER_MANAGED_KMS_KEY",
                kms_key_id=key.arn,
                kms_data_key_reuse_period_seconds=DATA_KEY_REUSE_SECONDS,
            ),
            logging_configuration=SfnStateMachineLoggingConfiguration(
                level="ERROR", include_execution_data=False, log_destination=f"{log_group.arn}:*"
            ),
            tracing_configuration=SfnStateMachineTracingConfiguration(enabled=True),
            depends_on=permissions,
        )

    @property
    def arn(self) -> str:
        return self.state_machine.arn

    def outputs(self) -> dict[str, str]:
        return {"approval_state_machine_arn": self.arn}


def _log_and_trace() -> list[Statement]:
    return [
        Statement(sid="DeliverLogs", actions=LOG_DELIVERY_ACTIONS, resources=["*"]),
        Statement(
            sid="WriteTraces",
            actions=[
                "xray:PutTraceSegments",
                "xray:PutTelemetryRecords",
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
            ],
            resources=["*"],  # X-Ray has no resource-level permission for these.
        ),
    ]
