"""The validation function: says whether a payment would be taken, without taking it."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission

from lib.compute.function import Function, FunctionCode
from lib.encryption import Key
from lib.iam import Statement
from lib.region import Region

HANDLER = "payment_validation.handler"
TIMEOUT_SECONDS = 10
MEMORY_MB = 256


class Validation(Function):
    """Applies the payment's rules and stores nothing: its role may nothing else, its security group has no way out.

    Operators and state machines call it by their own roles, which are given `invoke_access()`.
    """

    def __init__(self, region: Region, *, code: FunctionCode, vpc_id: str, subnet_ids: Sequence[str], key: Key) -> None:
        settings = region.settings
        super().__init__(
            region,
            "validation",
            code=code,
            name="validation",
            description="Says whether a payment would be taken, and stores nothing",
            handler=HANDLER,
            timeout_seconds=TIMEOUT_SECONDS,
            memory_mb=MEMORY_MB,
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            key=key,
            environment={
                "REGION": region.name,
                "ENVIRONMENT_SUFFIX": settings.environment_suffix,
                "PAYMENT_AMOUNT_LIMIT": str(settings.payment_amount_limit),
                "POWERTOOLS_LOG_LEVEL": settings.log_level,
                "POWERTOOLS_SERVICE_NAME": "payment-validation",
            },
        )

    def allow_rule(self, rule_arn: str) -> None:
        """Let a rule of EventBridge, of this account alone, call the function."""
        self._region.add(
            LambdaPermission,
            "validation_events_permission",
            statement_id="Allow-events",
            action="lambda:InvokeFunction",
            function_name=self.function.function_name,
            principal="events.amazonaws.com",
            source_arn=rule_arn,
            source_account=self._region.account_id,
        )

    def invoke_access(self) -> list[Statement]:
        """Return the statements that let a role call the function."""
        return [Statement(sid="ValidatePayments", actions=["lambda:InvokeFunction"], resources=[self.function.arn])]

    def outputs(self) -> dict[str, str]:
        return {
            "validation_function_name": self.function.function_name,
            "validation_function_arn": self.function.arn,
            "validation_log_group_name": self.log_group.name,
        }
