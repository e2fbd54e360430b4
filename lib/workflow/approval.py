"""The approval workflow: a Step Functions state machine for payments above the threshold."""

from __future__ import annotations

from collections.abc import Sequence

from lib.encryption import Key
from lib.iam import Statement
from lib.region import Region
from lib.workflow.approval_definition import approval_definition
from lib.workflow.state_machine import StateMachine


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
    """The state machine, and what its executions may call."""

    def __init__(
        self,
        region: Region,
        *,
        key: Key,
        function_arn: str,
        topic_arn: str,
        topic_access: Sequence[Statement],
    ) -> None:
        calling = Statement(sid="CallTheFunction", actions=["lambda:InvokeFunction"], resources=[function_arn])
        self._machine = StateMachine(
            region,
            "approval",
            definition=approval_definition(
                partition=region.partition,
                function_arn=function_arn,
                topic_arn=topic_arn,
                approval_hours=region.settings.approval_hours,
            ),
            key=key,
            access={"function": [calling], "notices": topic_access},
        )

    @property
    def arn(self) -> str:
        return self._machine.arn

    def outputs(self) -> dict[str, str]:
        return {"approval_state_machine_arn": self.arn}
