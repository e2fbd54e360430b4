"""A Step Functions state machine of the environment's own, with its role and its log."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

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
from lib.workflow.states import State

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


class StateMachine:
    """A state machine that is encrypted and traced. Its log has errors only, and never what an execution holds."""

    def __init__(
        self,
        region: Region,
        id_: str,
        *,
        definition: State,
        key: Key,
        access: Mapping[str, Sequence[Statement]],
    ) -> None:
        """`access` is what the executions may do, by concern."""
        self._key = key
        base = id_.replace("_", "-")
        name = region.settings.name(base)
        log_group = owned_log_group(region, f"{id_}_log_group", name=f"/aws/vendedlogs/states/{name}", key_arn=key.arn)
        # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
        role = service_role(
            region, f"{id_}_role", name=name, service="states.amazonaws.com", of_account=region.account_id
        )
        permissions = [
            attach_policy(
                region,
                f"{id_}_{concern}",
                role=role,
                name=region.settings.name(f"{base}-{concern}"),
                statements=statements,
            )
            for concern, statements in {
                **access,
                "runtime": [*_log_and_trace(), key.use("EncryptExecutions")],
            }.items()
        ]
        self.state_machine = region.add(
            SfnStateMachine,
            id_,
            name=name,
            type="STANDARD",
            role_arn=role.arn,
            definition=json.dumps(definition),
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

    def start_access(self) -> list[Statement]:
        """Return the statements that let a role start executions."""
        return [
            Statement(sid="StartExecutions", actions=["states:StartExecution"], resources=[self.arn]),
            self._key.use("EncryptStarts"),
        ]

    @property
    def arn(self) -> str:
        return self.state_machine.arn


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
