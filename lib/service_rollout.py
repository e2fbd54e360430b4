"""How a new version of the payment service takes over, and when it goes back."""

from __future__ import annotations

from cdktf import ITerraformDependable

from lib.compute.blue_green import BlueGreen
from lib.compute.container_cluster import ContainerCluster
from lib.compute.container_service import ContainerService
from lib.compute.function import FunctionCode
from lib.compute.rollback_alarms import RollbackAlarms
from lib.compute.task_definition import CONTAINER, TaskDefinition
from lib.encryption import Key
from lib.networking.load_balancer import SERVICE_PORT
from lib.region import Region
from lib.service_entrance import ServiceEntrance


class ServiceRollout:
    """Alarms on each target group that make a deployment go back; with blue-green, CodeDeploy, which shifts traffic."""

    def __init__(self, region: Region, *, entrance: ServiceEntrance, topic_arn: str) -> None:
        self._region = region
        self._balancer = entrance.balancer
        self._alarms = RollbackAlarms(
            region,
            load_balancer=self._balancer.balancer.arn_suffix,
            target_groups=entrance.target_groups,
            topic_arn=topic_arn,
        )
        self.alarm_names = self._alarms.names
        self._blue_green: BlueGreen | None = None

    def shift(
        self,
        task: TaskDefinition,
        *,
        cluster: ContainerCluster,
        service: ContainerService,
        code: FunctionCode,
        key: Key,
    ) -> list[ITerraformDependable]:
        """Let each deploy bring the service to this task definition; return what is there when it has.

        ECS does so by itself where deployments are rolling.
        """
        green, test = self._balancer.green, self._balancer.test_listener
        if green is None or test is None:
            return []
        self._blue_green = BlueGreen(
            self._region,
            code=code,
            key=key,
            cluster_name=cluster.name,
            service_name=service.name,
            load_balancer=self._balancer.balancer.arn_suffix,
            listener_arn=self._balancer.listener.arn,
            test_listener_arn=test.arn,
            target_group_names=[self._balancer.blue.name, green.name],
            alarm_names=self.alarm_names,
            role_arns=task.role_arns,
        )
        return self._blue_green.shift(
            task_definition_arn=task.arn, container=CONTAINER, port=SERVICE_PORT, after=[service.service]
        )

    def outputs(self) -> dict[str, str]:
        return self._blue_green.outputs() if self._blue_green else {}
