"""A task of the payment service: its containers, and its two roles, of which one starts it and the other is its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ecs_task_definition import EcsTaskDefinition, EcsTaskDefinitionRuntimePlatform
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment

from lib.encryption import Key
from lib.iam import Statement, attach_policy, service_role
from lib.log_group import owned_log_group
from lib.region import Region

NAME = "service"
CONTAINER = "payment"
PORT = 8080
# lib/container/Dockerfile makes the image for this user; no file belongs to it.
USER = "10001:10001"
# The module in the image that asks the service for its health: lib/container/service_probe.py.
HEALTH_CHECK = {
    "command": ["CMD", "python", "-m", "service_probe"],
    "interval": 15,
    "timeout": 5,
    "retries": 3,
    "startPeriod": 30,
}
STOP_SECONDS = 30
# The X-Ray daemon of AWS's public registry, for both processors.
# https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon-ecs.html
DAEMON_IMAGE = "public.ecr.aws/xray/aws-xray-daemon:3.7.0"
DAEMON_ADDRESS = "127.0.0.1:2000"
DAEMON_CPU, DAEMON_MEMORY_MB = 32, 64
PRINCIPAL = "ecs-tasks.amazonaws.com"


class TaskDefinition:
    """A task definition for Fargate; each change of it is a new revision.

    The container's root file system is read-only and its user is nobody. `environment` is what it is told beside its
    version; `secrets` are variables by the ARNs that ECS fetches them from, which `secret_access` lets it do.
    """

    def __init__(
        self,
        region: Region,
        *,
        image: str,
        version: str,
        repository_arn: str,
        key: Key,
        environment: Mapping[str, str],
        secrets: Mapping[str, str] | None = None,
        secret_access: Sequence[Statement] = (),
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        """`after` is what makes the image."""
        self._region = region
        name = region.settings.name(NAME)
        # The daemon's image comes from a registry that no VPC endpoint leads to; without it, ECS starts no task.
        self.traces = region.settings.nat != "none"
        self.log_group = owned_log_group(region, "service_log_group", name=f"/aws/ecs/{name}", key_arn=key.arn)
        self.execution_role = self._role("execution")
        self.role = self._role("task")
        self._attachments = [self._allow_starting(repository_arn, secret_access)]
        if self.traces:
            self._allow_tracing()
        containers = [self._container(image, {**environment, "SERVICE_VERSION": version}, secrets or {})]
        self.definition = region.add(
            EcsTaskDefinition,
            "service_task",
            family=name,
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            cpu=str(region.settings.service_cpu),
            memory=str(region.settings.service_memory_mb),
            execution_role_arn=self.execution_role.arn,
            task_role_arn=self.role.arn,
            runtime_platform=EcsTaskDefinitionRuntimePlatform(
                cpu_architecture="ARM64", operating_system_family="LINUX"
            ),
            container_definitions=json.dumps([*containers, *([self._daemon()] if self.traces else [])]),
            # A revision goes when the service runs the next one, so that there is something to go back to meanwhile.
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            depends_on=list(after),
        )
        self.arn = self.definition.arn

    @property
    def permissions(self) -> list[ITerraformDependable]:
        """What starts tasks and what they may do so far."""
        return [*self._attachments]

    @property
    def role_arns(self) -> list[str]:
        """The roles that whoever starts tasks hands over."""
        return [self.execution_role.arn, self.role.arn]

    def grant(self, concern: str, statements: Sequence[Statement]) -> None:
        """Give the service one policy for one concern."""
        attachment = attach_policy(
            self._region,
            f"service_{concern.replace('-', '_')}",
            role=self.role,
            name=self._region.settings.name(f"{NAME}-{concern}"),
            statements=statements,
        )
        self._attachments.append(attachment)

    def outputs(self) -> dict[str, str]:
        return {"service_task_definition_family": self.definition.family, "service_log_group_name": self.log_group.name}

    def _role(self, base: str) -> IamRole:
        return service_role(
            self._region,
            f"service_{base}_role",
            name=self._region.settings.name(f"{NAME}-{base}"),
            service=PRINCIPAL,
            of_account=self._region.account_id,
        )

    def _allow_starting(self, repository_arn: str, secret_access: Sequence[Statement]) -> IamRolePolicyAttachment:
        """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"""
        return attach_policy(
            self._region,
            "service_start",
            role=self.execution_role,
            name=self._region.settings.name(f"{NAME}-start"),
            statements=[
                Statement(
                    sid="LogInToRegistry",
                    actions=["ecr:GetAuthorizationToken"],
                    resources=["*"],  # It is for the account's registry and has no resource-level permission.
                ),
                Statement(
                    sid="PullImage",
                    actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                    resources=[repository_arn],
                ),
                Statement(
                    sid="WriteLogs",
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[f"{self.log_group.arn}:*"],
                ),
                *secret_access,
            ],
        )

    def _allow_tracing(self) -> None:
        actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        sampling = ["xray:GetSamplingRules", "xray:GetSamplingTargets"]
        # X-Ray has no resource-level permission for these.
        self.grant("traces", [Statement(sid="WriteTraces", actions=[*actions, *sampling], resources=["*"])])

    def _container(self, image: str, environment: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, object]:
        variables = {**environment, **({"AWS_XRAY_DAEMON_ADDRESS": DAEMON_ADDRESS} if self.traces else {})}
        return {
            "name": CONTAINER,
            "image": image,
            "essential": True,
            "user": USER,
            "portMappings": [{"name": "http", "containerPort": PORT, "hostPort": PORT, "protocol": "tcp"}],
            "environment": [{"name": name, "value": variables[name]} for name in sorted(variables)],
            "secrets": [{"name": name, "valueFrom": secrets[name]} for name in sorted(secrets)],
            "readonlyRootFilesystem": True,
            "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
            "stopTimeout": STOP_SECONDS,
            "healthCheck": HEALTH_CHECK,
            "logConfiguration": self._logs(CONTAINER),
        }

    def _daemon(self) -> dict[str, object]:
        """A task goes on without it: traces are not worth a payment."""
        return {
            "name": "xray-daemon",
            "image": DAEMON_IMAGE,
            "essential": False,
            "cpu": DAEMON_CPU,
            "memoryReservation": DAEMON_MEMORY_MB,
            "environment": [{"name": "AWS_REGION", "value": self._region.name}],
            "readonlyRootFilesystem": True,
            "logConfiguration": self._logs("xray-daemon"),
        }

    def _logs(self, prefix: str) -> dict[str, object]:
        """Lines that CloudWatch does not take in time wait in memory, and are lost rather than hold the service up."""
        return {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": self.log_group.name,
                "awslogs-region": self._region.name,
                "awslogs-stream-prefix": prefix,
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        }
