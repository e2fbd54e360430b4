"""What a task is started from."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local_aws.containers.registration import Registrations


@dataclass(frozen=True)
class TaskRequest:
    """A task definition of moto's, where and for whom it is to run. `network` is the API's networkConfiguration."""

    cluster_arn: str
    definition: Any
    network: Mapping[str, Any]
    group: str
    started_by: str = ""
    capacity_provider: str = ""
    registrations: Registrations = field(default_factory=Registrations)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[Mapping[str, str], ...] = ()

    @property
    def region(self) -> str:
        return self.cluster_arn.split(":")[3]

    @property
    def account(self) -> str:
        return self.cluster_arn.split(":")[4]

    @property
    def execution_role(self) -> str:
        return str(self.overrides.get("executionRoleArn") or getattr(self.definition, "execution_role_arn", ""))

    @property
    def task_role(self) -> str:
        return str(self.overrides.get("taskRoleArn") or getattr(self.definition, "task_role_arn", ""))

    @property
    def ports(self) -> list[Mapping[str, Any]]:
        """The ports that the containers listen on."""
        return [port for one in self.definition.container_definitions for port in one.get("portMappings") or []]

    def new_arn(self) -> str:
        """The ARN of a new task."""
        cluster = self.cluster_arn.rpartition("/")[2]
        return f"arn:aws:ecs:{self.region}:{self.account}:task/{cluster}/{uuid.uuid4().hex}"
