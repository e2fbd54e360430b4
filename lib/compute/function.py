"""The payment function: its code, role, log group, alias and dead-letter queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import AssetType, TerraformAsset
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.lambda_alias import LambdaAlias
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunction,
    LambdaFunctionDeadLetterConfig,
    LambdaFunctionEnvironment,
    LambdaFunctionLoggingConfig,
    LambdaFunctionTracingConfig,
    LambdaFunctionVpcConfig,
)
from cdktf_cdktf_provider_aws.lambda_function_event_invoke_config import LambdaFunctionEventInvokeConfig
from cdktf_cdktf_provider_aws.lambda_function_url import LambdaFunctionUrl
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from constructs import Construct

from lib.account import Account
from lib.compute.package import Package
from lib.dead_letter_queue import DeadLetterQueue
from lib.encryption import EncryptionKey
from lib.iam import Statement, attach_policy, service_role
from lib.log_group import owned_log_group
from lib.security_group import WorkloadSecurityGroup
from lib.settings import Settings

HANDLER = "payment_processor.handler"
ALIAS = "live"
TIMEOUT_SECONDS = 30
ASYNC_RETRIES = 2
ASYNC_MAX_AGE_SECONDS = 6 * 3600
UNRESERVED = -1
NETWORK_INTERFACE_ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


class PaymentFunction:
    """The Lambda function that takes payments; callers use its alias `live`."""

    def __init__(
        self,
        scope: Construct,
        *,
        settings: Settings,
        account: Account,
        package: Package,
        vpc_id: str,
        subnet_ids: Sequence[str],
        key: EncryptionKey,
        environment: Mapping[str, str],
    ) -> None:
        self._scope = scope
        self._settings = settings
        self.name = settings.name("processor")
        self._arn = account.arn("lambda", f"function:{self.name}")
        self.security_group = WorkloadSecurityGroup(
            scope, "function", settings=settings, vpc_id=vpc_id, description="Payment function"
        )
        self.log_group = owned_log_group(
            scope, "function_log_group", name=f"/aws/lambda/{self.name}", settings=settings, key_arn=key.arn
        )
        self.dead_letters = DeadLetterQueue(
            scope, "function_dead_letters", name=settings.name("processor-dead-letters"), key=key
        )
        self.dead_letters.protect()
        self.role = service_role(scope, "function_role", name=self.name, service="lambda.amazonaws.com")
        attachment = self._allow_running()
        self.grant("send-dead-letters", self.dead_letters.send_access())
        code = TerraformAsset(
            scope,
            "function_package",
            path=str(package.path),
            type=AssetType.FILE,
            asset_hash=package.asset_hash,
        )
        self.function = LambdaFunction(
            scope,
            "function",
            function_name=self.name,
            description="Takes payments from the API and from the event bus",
            role=self.role.arn,
            runtime=settings.lambda_runtime,
            architectures=["arm64"],
            handler=HANDLER,
            filename=code.path,
            source_code_hash=package.sha256_base64,
            memory_size=settings.lambda_memory_mb,
            timeout=TIMEOUT_SECONDS,
            publish=True,
            kms_key_arn=key.arn,
            reserved_concurrent_executions=UNRESERVED
            if settings.lambda_reserved_concurrency is None
            else settings.lambda_reserved_concurrency,
            environment=LambdaFunctionEnvironment(variables=dict(environment)),
            vpc_config=LambdaFunctionVpcConfig(
                subnet_ids=list(subnet_ids), security_group_ids=[self.security_group.id]
            ),
            dead_letter_config=LambdaFunctionDeadLetterConfig(target_arn=self.dead_letters.arn),
            tracing_config=LambdaFunctionTracingConfig(mode="Active"),
            logging_config=LambdaFunctionLoggingConfig(log_format="JSON", log_group=self.log_group.name),
            # Lambda's network interfaces hold a group for up to an hour; moving them to the VPC's default
            # group, which is closed, lets the destroy go on.
            replace_security_groups_on_destroy=True,
            depends_on=[attachment],
        )
        self.alias = LambdaAlias(
            scope,
            "function_alias",
            name=ALIAS,
            description="What the API and the event rule call",
            function_name=self.function.function_name,
            function_version=self.function.version,
        )
        LambdaFunctionEventInvokeConfig(
            scope,
            "function_async",
            function_name=self.function.function_name,
            qualifier=self.alias.name,
            maximum_retry_attempts=ASYNC_RETRIES,
            maximum_event_age_in_seconds=ASYNC_MAX_AGE_SECONDS,
        )
        self.url = self._url() if settings.function_url else None

    def grant(self, concern: str, statements: Sequence[Statement]) -> IamRolePolicyAttachment:
        """Give the function's role one policy for one concern."""
        return attach_policy(
            self._scope,
            f"function_{concern.replace('-', '_')}",
            role=self.role,
            name=self._settings.name(f"processor-{concern}"),
            statements=statements,
        )

    def outputs(self) -> dict[str, str]:
        outputs = {
            "function_name": self.function.function_name,
            "function_arn": self.function.arn,
            "function_alias_arn": self.alias.arn,
            "function_log_group_name": self.log_group.name,
            "function_dead_letter_queue_url": self.dead_letters.queue.url,
        }
        if self.url:
            outputs["function_url"] = self.url.function_url
        return outputs

    def allow_calls(self, id_: str, *, service: str, source_arn: str) -> None:
        """Let one source of one AWS service call the alias."""
        LambdaPermission(
            self._scope,
            f"{id_}_permission",
            statement_id=f"Allow-{id_.replace('_', '-')}",
            action="lambda:InvokeFunction",
            function_name=self.function.function_name,
            qualifier=self.alias.name,
            principal=service,
            source_arn=source_arn,
        )

    def _allow_running(self) -> IamRolePolicyAttachment:
        """Let the function log, trace and join the VPC.

        Not AWS's managed policy for this: it also lets Lambda make the log group anew after a destroy.
        """
        return self.grant(
            "runtime",
            [
                Statement(
                    sid="WriteLogs",
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[f"{self.log_group.arn}:*"],
                ),
                Statement(
                    sid="WriteTraces",
                    actions=["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
                    resources=["*"],  # X-Ray has no resource-level permission for these.
                ),
                Statement(
                    sid="JoinVpc",
                    actions=NETWORK_INTERFACE_ACTIONS,
                    resources=["*"],  # Lambda checks for these on every resource before it makes its interfaces.
                ),
                # Lambda itself makes the interfaces; the function's own code may not.
                # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
                Statement(
                    sid="KeepCodeFromInterfaces",
                    effect="Deny",
                    actions=NETWORK_INTERFACE_ACTIONS,
                    resources=["*"],
                    conditions={"ArnEquals": {"lambda:SourceFunctionArn": self._arn}},
                ),
            ],
        )

    def _url(self) -> LambdaFunctionUrl:
        return LambdaFunctionUrl(
            self._scope,
            "function_url_endpoint",
            function_name=self.function.function_name,
            qualifier=self.alias.name,
            authorization_type=self._settings.function_url_authorization,
        )
