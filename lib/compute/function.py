"""A Lambda function of the environment: its code, role, log group, and security group where it is in the VPC."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cdktf import AssetType, ITerraformDependable, TerraformAsset
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunction,
    LambdaFunctionDeadLetterConfig,
    LambdaFunctionEnvironment,
    LambdaFunctionLoggingConfig,
    LambdaFunctionTracingConfig,
    LambdaFunctionVpcConfig,
)
from cdktf_cdktf_provider_aws.lambda_invocation import LambdaInvocation
from constructs import Construct

from lib.compute.package import Package
from lib.encryption import Key
from lib.iam import Statement, attach_policy, service_role
from lib.log_group import owned_log_group
from lib.message_queue import MessageQueue
from lib.region import Region
from lib.security_group import WorkloadSecurityGroup

UNRESERVED = -1
NETWORK_INTERFACE_ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


class FunctionCode:
    """The package beside the synthesized JSON, once for all functions that run it."""

    def __init__(self, scope: Construct, *, package: Package) -> None:
        asset = TerraformAsset(
            scope,
            "function_package",
            path=str(package.path),
            type=AssetType.FILE,
            asset_hash=package.asset_hash,
        )
        self.filename = asset.path
        self.sha256_base64 = package.sha256_base64


class PlainFunction:
    """A Lambda function that calls AWS alone; its role may log and trace, and what is granted."""

    def __init__(
        self,
        region: Region,
        id_: str,
        *,
        code: FunctionCode,
        name: str,
        description: str,
        handler: str,
        timeout_seconds: int,
        memory_mb: int,
        key: Key,
        environment: Mapping[str, str],
        publish: bool = False,
        reserved_concurrency: int | None = None,
        dead_letters: MessageQueue | None = None,
        vpc: LambdaFunctionVpcConfig | None = None,
    ) -> None:
        """`name` is the base of the physical names; `dead_letters` takes asynchronous events that were given up."""
        self._region = region
        self._id = id_
        self._base = name
        self.name = region.settings.name(name)
        self._arn = region.arn("lambda", f"function:{self.name}")
        self.log_group = owned_log_group(region, f"{id_}_log_group", name=f"/aws/lambda/{self.name}", key_arn=key.arn)
        self.role = service_role(region, f"{id_}_role", name=self.name, service="lambda.amazonaws.com")
        self._attachments: list[IamRolePolicyAttachment] = []
        self._allow_running(in_vpc=vpc is not None)
        if dead_letters:
            self.grant("send-dead-letters", dead_letters.send_access())
        self.function = region.add(
            LambdaFunction,
            id_,
            function_name=self.name,
            description=description,
            role=self.role.arn,
            runtime=region.settings.lambda_runtime,
            architectures=["arm64"],
            handler=handler,
            filename=code.filename,
            source_code_hash=code.sha256_base64,
            memory_size=memory_mb,
            timeout=timeout_seconds,
            publish=publish,
            kms_key_arn=key.arn,
            reserved_concurrent_executions=UNRESERVED if reserved_concurrency is None else reserved_concurrency,
            environment=LambdaFunctionEnvironment(variables=dict(environment)),
            vpc_config=vpc,
            dead_letter_config=LambdaFunctionDeadLetterConfig(target_arn=dead_letters.arn) if dead_letters else None,
            tracing_config=LambdaFunctionTracingConfig(mode="Active"),
            logging_config=LambdaFunctionLoggingConfig(log_format="JSON", log_group=self.log_group.name),
            # Lambda's network interfaces hold a group for up to an hour; moving them to the VPC's default
            # group, which is closed, lets the destroy go on.
            replace_security_groups_on_destroy=True if vpc else None,
            # Lambda refuses a function whose role may not join the VPC or send to the dead-letter queue.
            depends_on=list(self._attachments),
        )

    @property
    def permissions(self) -> list[ITerraformDependable]:
        """What the function may do so far: its policies."""
        return [*self._attachments]

    def grant(self, concern: str, statements: Sequence[Statement]) -> IamRolePolicyAttachment:
        """Give the function's role one policy for one concern."""
        attachment = attach_policy(
            self._region,
            f"{self._id}_{concern.replace('-', '_')}",
            role=self.role,
            name=self._region.settings.name(f"{self._base}-{concern}"),
            statements=statements,
        )
        self._attachments.append(attachment)
        return attachment

    def call_at_deploy(
        self, event: Mapping[str, object], *, when_changed: Mapping[str, str], after: Sequence[ITerraformDependable]
    ) -> LambdaInvocation:
        """Call the function at the first deploy, and again whenever one of `when_changed` changes.

        The deploy waits for it, and fails when it fails. What it is granted must be granted before. A destroy does not
        call it: CREATE_ONLY.
        """
        return self._region.add(
            LambdaInvocation,
            f"{self._id}_run",
            function_name=self.function.function_name,
            input=json.dumps(event),
            lifecycle_scope="CREATE_ONLY",
            triggers=dict(when_changed),
            depends_on=[*self.permissions, *after],
        )

    def _allow_running(self, *, in_vpc: bool) -> None:
        """Let the function log and trace, and join the VPC.

        Not AWS's managed policy for this: it also lets Lambda make the log group anew after a destroy.
        """
        self.grant(
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
                *(_join_vpc(self._arn) if in_vpc else []),
            ],
        )


class Function(PlainFunction):
    """A Lambda function in the private subnets; its role may log, trace and join the VPC, and what is granted."""

    def __init__(
        self,
        region: Region,
        id_: str,
        *,
        code: FunctionCode,
        name: str,
        description: str,
        handler: str,
        timeout_seconds: int,
        memory_mb: int,
        vpc_id: str,
        subnet_ids: Sequence[str],
        key: Key,
        environment: Mapping[str, str],
        publish: bool = False,
        reserved_concurrency: int | None = None,
        dead_letters: MessageQueue | None = None,
    ) -> None:
        """`name` and `dead_letters` are as `PlainFunction` has them."""
        self.security_group = WorkloadSecurityGroup(region, id_, vpc_id=vpc_id, description=f"Payment {id_}")
        super().__init__(
            region,
            id_,
            code=code,
            name=name,
            description=description,
            handler=handler,
            timeout_seconds=timeout_seconds,
            memory_mb=memory_mb,
            key=key,
            environment=environment,
            publish=publish,
            reserved_concurrency=reserved_concurrency,
            dead_letters=dead_letters,
            vpc=LambdaFunctionVpcConfig(subnet_ids=list(subnet_ids), security_group_ids=[self.security_group.id]),
        )

    @property
    def permissions(self) -> list[ITerraformDependable]:
        """What the function may do so far: its policies, and the ways out of its security group."""
        return [*super().permissions, *self.security_group.rules]


def _join_vpc(function_arn: str) -> list[Statement]:
    return [
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
            conditions={"ArnEquals": {"lambda:SourceFunctionArn": function_arn}},
        ),
    ]
