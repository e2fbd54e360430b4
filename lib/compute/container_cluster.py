"""The cluster that the payment service's tasks run in, and the private names of what runs there."""

from __future__ import annotations

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.ecs_cluster import EcsCluster, EcsClusterSetting
from cdktf_cdktf_provider_aws.ecs_cluster_capacity_providers import EcsClusterCapacityProviders
from cdktf_cdktf_provider_aws.service_discovery_private_dns_namespace import ServiceDiscoveryPrivateDnsNamespace

from lib.encryption import Key
from lib.log_group import owned_log_group
from lib.region import Region

NAME = "cluster"
CAPACITY_PROVIDERS = ("FARGATE", "FARGATE_SPOT")


class ContainerCluster:
    """An ECS cluster on Fargate with Container Insights, and a Cloud Map namespace in the VPC.

    Production has the enhanced insights, which measure each task and cost more.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html
    """

    def __init__(self, region: Region, *, vpc_id: str, key: Key) -> None:
        settings = region.settings
        name = settings.name(NAME)
        # Container Insights would make it without a key, and leave it behind.
        measurements = owned_log_group(
            region,
            "cluster_log_group",
            name=f"/aws/ecs/containerinsights/{name}/performance",
            key_arn=key.arn,
        )
        insights = "enhanced" if settings.protected else "enabled"
        self.cluster = region.add(
            EcsCluster,
            "cluster",
            name=name,
            setting=[EcsClusterSetting(name="containerInsights", value=insights)],
            depends_on=[measurements],
        )
        self.name = self.cluster.name
        self.arn = self.cluster.arn
        providers = region.add(
            EcsClusterCapacityProviders,
            "cluster_capacity",
            cluster_name=self.name,
            capacity_providers=list(CAPACITY_PROVIDERS),
        )
        self.ready: list[ITerraformDependable] = [providers]
        self.namespace = region.add(
            ServiceDiscoveryPrivateDnsNamespace,
            "namespace",
            name=f"{settings.name('services')}.internal",
            description=f"Services of payment environment {settings.environment_suffix}",
            vpc=vpc_id,
        )

    def outputs(self) -> dict[str, str]:
        return {"cluster_name": self.name, "cluster_arn": self.arn, "namespace_name": self.namespace.name}
