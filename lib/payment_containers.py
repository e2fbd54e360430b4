"""What takes payments in one Region of the container architecture: service, events, and what both are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable

from lib.api.callers import SharedKey, callers_environment
from lib.compute.container_cluster import ContainerCluster
from lib.compute.container_service import ContainerService
from lib.compute.environment import workload_environment
from lib.compute.function import FunctionCode
from lib.compute.image_build import ImageBuild
from lib.compute.service_scaling import ServiceScaling
from lib.compute.task_definition import CONTAINER, TaskDefinition
from lib.database.aurora import AuroraCluster
from lib.events.bus import PaymentEventBus
from lib.events.replay import ReplayQueue
from lib.foundation import Foundation
from lib.monitoring.container_metrics import SERVICE, ContainerMeasured
from lib.networking.load_balancer import HEALTH_PATH, SERVICE_PORT
from lib.outputs import HasOutputs, Outputs
from lib.parameters.configuration import Configuration
from lib.parameters.role import RoleParameter
from lib.parameters.writes import WritesSwitch
from lib.payment_configuration import payment_configuration, role_environment
from lib.region import Region
from lib.regional_data import RegionalData
from lib.security_group import WorkloadSecurityGroup
from lib.service_entrance import ServiceEntrance
from lib.service_rollout import ServiceRollout

# Longer than the service takes for a batch: lib/container/payment_service/queue.py hides what it receives as long.
BATCH_SECONDS = 180


class PaymentContainers:
    """Composes the parts around the payment service, which begins once all of `live_after` is there."""

    def __init__(
        self,
        region: Region,
        *,
        foundation: Foundation,
        code: FunctionCode,
        image: ImageBuild,
        data: RegionalData,
        entrance: ServiceEntrance,
        callers: SharedKey | None,
        live_after: Sequence[ITerraformDependable],
        role: RoleParameter | None = None,
        same_as: Configuration | None = None,
    ) -> None:
        """`role` says which of two Regions this is; in the second one, `same_as` is the first one's configuration."""
        self._region, self._data, self.role, self._entrance = region, data, role, entrance
        self.writes = WritesSwitch(region)
        self._callers = callers
        key, network = foundation.key, foundation.network
        self.health_url = f"https://{entrance.balancer.host}{HEALTH_PATH}"
        self.bus = PaymentEventBus(region, key=key, consumer="service")
        self.replay = ReplayQueue(region, key=key, visibility_seconds=BATCH_SECONDS, rule_arn=self.bus.rule.arn)
        self.bus.deliver_to_queue(self.replay.messages.arn, after=self.replay.policy)
        self.configuration = self._configuration(foundation, same_as)
        self.security_group = self._security_group(foundation)
        self.task = TaskDefinition(
            region,
            image=image.image,
            version=image.tag,
            repository_arn=image.repository_arn,
            key=key,
            environment=self._environment(),
            after=image.ready,
        )
        self._grant()
        self.cluster = ContainerCluster(region, vpc_id=network.vpc_id, key=key)
        self.rollout = ServiceRollout(region, entrance=entrance, topic_arn=foundation.alerts.arn)
        self.service = ContainerService(
            region,
            cluster_arn=self.cluster.arn,
            namespace_id=self.cluster.namespace.id,
            task_definition_arn=self.task.arn,
            container=CONTAINER,
            port=SERVICE_PORT,
            subnet_ids=network.private_subnet_ids,
            security_group=self.security_group,
            target_group_arn=entrance.balancer.blue.arn,
            alarm_names=self.rollout.alarm_names,
            after=[
                *live_after,
                *data.ledger.ready,
                *foundation.aws_services.ready,
                *self.task.permissions,
                *self.cluster.ready,
                entrance.balancer.listener,
            ],
        )
        deployed = self.rollout.shift(self.task, cluster=self.cluster, service=self.service, code=code, key=key)
        ServiceScaling(region, cluster_name=self.cluster.name, service_name=self.service.name, after=deployed)

    def outputs(self) -> Outputs:
        parts: list[HasOutputs | None] = [
            self.role,
            self.writes,
            self.bus,
            self.replay,
            self.cluster,
            self.task,
            self.service,
            self.rollout,
        ]
        outputs = {name: value for part in parts if part for name, value in part.outputs().items()}
        key = {"callers_secret_arn": self._callers.secret_arn} if self._callers else {}
        return {**outputs, **key, "configuration_path": self.configuration.path}

    def measured(self, vault_name: str, dead_letter_queues: Mapping[str, str] | None = None) -> ContainerMeasured:
        """Return what is to be measured of this, of the backups in a vault, and of more queues, by what they serve."""
        return ContainerMeasured(
            settings=self._region.settings,
            cluster_id=self._data.ledger.cluster.cluster_identifier,
            table_name=self._data.sessions.name,
            bus_rule=self.bus.rule.name,
            vault_name=vault_name,
            dead_letter_queues={
                "events": self.bus.dead_letters.queue.name,
                "replay": self.replay.dead_letters.queue.name,
                **(dead_letter_queues or {}),
            },
            cluster_name=self.cluster.name,
            service_name=self.service.name,
            load_balancer=self._entrance.balancer.balancer.arn_suffix,
            target_groups=self._entrance.target_groups,
            web_acl=self._entrance.firewall.acl.name,
        )

    def _configuration(self, foundation: Foundation, same_as: Configuration | None) -> Configuration:
        ledger: AuroraCluster = self._data.ledger
        configuration = payment_configuration(
            self._region,
            key=foundation.key,
            entrance=ledger,
            ledger=ledger,
            master_secret_arn=self._data.master_secret_arn,
            sessions=self._data.sessions,
            bus_name=self.bus.bus.name,
            same_as=same_as,
        )
        configuration.add("api/endpoint", f"https://{self._region.settings.api_domain}")
        if self._callers:
            configuration.add("api/key_secret", self._callers.secret_arn)
        return configuration

    def _security_group(self, foundation: Foundation) -> WorkloadSecurityGroup:
        """Let the load balancer reach the service, and the service the ledger and AWS."""
        group = WorkloadSecurityGroup(
            self._region, "service", vpc_id=foundation.network.vpc_id, description="Payment service"
        )
        self._entrance.balancer.security_group.may_reach(group, port=SERVICE_PORT)
        group.may_reach(self._data.ledger.security_group, port=self._data.ledger.port)
        foundation.aws_services.allow(group, storage=True)
        return group

    def _environment(self) -> dict[str, str]:
        return {
            **workload_environment(self._region, SERVICE),
            **self._data.user.environment(),
            **callers_environment(self._region, self._callers),
            "DB_ENDPOINT": self._data.ledger.endpoint,
            "DYNAMODB_TABLE": self._data.sessions.name,
            "EVENT_BUS_NAME": self.bus.bus.name,
            "CONFIGURATION_PATH": self.configuration.path,
            "PAYMENT_QUEUE_URL": self.replay.messages.queue.url,
            **self.writes.environment(),
            **role_environment(self.role, self._data.ledger),
        }

    def _grant(self) -> None:
        self.task.grant("ledger", self._data.user.login_access(self._data.ledger.resource_id))
        self.task.grant("configuration", [*self.configuration.read_access(), *self.writes.read_access()])
        self.task.grant("sessions", self._data.sessions.write_access())
        self.task.grant("events", [*self.bus.publish_access(), *self.replay.messages.receive_access()])
        if self._callers:
            self.task.grant("callers", self._callers.access)
        if self.role:
            self.task.grant("region-role", self.role.read_access())
