"""The payment service: tasks that are kept up, behind the load balancer and under a name of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cdktf import ITerraformDependable, Op, Postcondition, TerraformResourceLifecycle, TerraformSelf
from cdktf_cdktf_provider_aws.ecs_service import (
    EcsService,
    EcsServiceAlarms,
    EcsServiceCapacityProviderStrategy,
    EcsServiceDeploymentCircuitBreaker,
    EcsServiceDeploymentController,
    EcsServiceLoadBalancer,
    EcsServiceNetworkConfiguration,
    EcsServiceServiceRegistries,
)
from cdktf_cdktf_provider_aws.service_discovery_service import (
    ServiceDiscoveryService,
    ServiceDiscoveryServiceDnsConfig,
    ServiceDiscoveryServiceDnsConfigDnsRecords,
    ServiceDiscoveryServiceHealthCheckCustomConfig,
)

from lib.region import Region
from lib.security_group import WorkloadSecurityGroup

NAME = "service"
DISCOVERED_AS = "payments"
RECORD_SECONDS = 10
# A new task may fail the load balancer's checks for as long as it takes to begin.
GRACE_SECONDS = 60
SPOT_WEIGHT = 3


class ContainerService:
    """An ECS service on Fargate, in the private subnets, deployed by ECS (rolling) or by CodeDeploy (blue-green).

    Rolling: a deploy waits until the new tasks serve; a deployment whose tasks fail, or in which one of `alarm_names`
    goes off, goes back by itself, and the deploy fails. With blue-green, CodeDeploy alone says which task definition
    runs after the first, and which target group its tasks are in: see `BlueGreen`. How many tasks there are is for the
    scaling to say once the service is there.
    """

    def __init__(
        self,
        region: Region,
        *,
        cluster_arn: str,
        namespace_id: str,
        task_definition_arn: str,
        container: str,
        port: int,
        subnet_ids: Sequence[str],
        security_group: WorkloadSecurityGroup,
        target_group_arn: str,
        alarm_names: Sequence[str],
        after: Sequence[ITerraformDependable],
    ) -> None:
        """`after` is what a task needs to begin: what its roles may do, the listeners, the cluster's capacity."""
        self._region = region
        self._blue_green = region.settings.deployment_strategy == "blue-green"
        self.registry = self._registry(namespace_id)
        self.service = region.add(
            EcsService,
            "service",
            name=region.settings.name(NAME),
            cluster=cluster_arn,
            task_definition=task_definition_arn,
            desired_count=region.settings.service_min_tasks,
            capacity_provider_strategy=self._capacity(),
            platform_version="LATEST",
            network_configuration=EcsServiceNetworkConfiguration(
                subnets=list(subnet_ids), security_groups=[security_group.id], assign_public_ip=False
            ),
            load_balancer=[
                EcsServiceLoadBalancer(target_group_arn=target_group_arn, container_name=container, container_port=port)
            ],
            service_registries=EcsServiceServiceRegistries(registry_arn=self.registry.arn),
            health_check_grace_period_seconds=GRACE_SECONDS,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            enable_execute_command=False,
            force_delete=True,  # Tasks hold nothing; a destroy need not wait for the scaling to go first.
            depends_on=[*security_group.rules, *after],
            **self._deployment(task_definition_arn, alarm_names),
        )
        self.name = self.service.name

    @property
    def arn(self) -> str:
        return self.service.id

    def outputs(self) -> dict[str, str]:
        return {
            "service_name": self.name,
            "service_arn": self.arn,
            "service_registry_id": self.registry.id,
        }

    def _deployment(self, task_definition_arn: str, alarm_names: Sequence[str]) -> dict[str, Any]:
        if self._blue_green:
            return {
                "deployment_controller": EcsServiceDeploymentController(type="CODE_DEPLOY"),
                "lifecycle": TerraformResourceLifecycle(
                    ignore_changes=["desired_count", "load_balancer", "task_definition"]
                ),
            }
        return {
            "deployment_controller": EcsServiceDeploymentController(type="ECS"),
            "deployment_circuit_breaker": EcsServiceDeploymentCircuitBreaker(enable=True, rollback=True),
            "alarms": EcsServiceAlarms(enable=True, rollback=True, alarm_names=list(alarm_names)),
            "deployment_minimum_healthy_percent": 100,
            "deployment_maximum_percent": 200,
            "availability_zone_rebalancing": "ENABLED",
            "wait_for_steady_state": True,
            "lifecycle": TerraformResourceLifecycle(
                ignore_changes=["desired_count"], postcondition=[_rolled_out(task_definition_arn)]
            ),
        }

    def _capacity(self) -> list[EcsServiceCapacityProviderStrategy]:
        """In production all tasks are on demand. Elsewhere one is, and most of the rest may be taken away again.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
        """
        settings = self._region.settings
        if settings.protected:
            base = settings.service_min_tasks
            return [EcsServiceCapacityProviderStrategy(capacity_provider="FARGATE", base=base, weight=1)]
        return [
            EcsServiceCapacityProviderStrategy(capacity_provider="FARGATE", base=1, weight=1),
            EcsServiceCapacityProviderStrategy(capacity_provider="FARGATE_SPOT", base=0, weight=SPOT_WEIGHT),
        ]

    def _registry(self, namespace_id: str) -> ServiceDiscoveryService:
        return self._region.add(
            ServiceDiscoveryService,
            "service_registry",
            name=DISCOVERED_AS,
            description="Addresses of the payment service's tasks",
            dns_config=ServiceDiscoveryServiceDnsConfig(
                namespace_id=namespace_id,
                dns_records=[ServiceDiscoveryServiceDnsConfigDnsRecords(type="A", ttl=RECORD_SECONDS)],
                routing_policy="MULTIVALUE",
            ),
            # ECS says how its tasks are. AWS takes no other threshold than 1 any more.
            # https://docs.aws.amazon.com/cloud-map/latest/api/API_HealthCheckCustomConfig.html
            health_check_custom_config=ServiceDiscoveryServiceHealthCheckCustomConfig(failure_threshold=1),
            force_destroy=True,
        )


def _rolled_out(task_definition_arn: str) -> Postcondition:
    """Fail the deploy where ECS went back: for the provider, a service that did so is steady.

    https://github.com/hashicorp/terraform-provider-aws/issues/20858
    """
    return Postcondition(
        condition=Op.eq(TerraformSelf.get_string("task_definition"), task_definition_arn),
        error_message="ECS rolled the deployment back, as its tasks failed or an alarm went off. The service's events "
        "and the log of its tasks say why.",
    )
