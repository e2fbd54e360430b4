"""How many tasks the payment service has: enough that neither processor nor memory is short."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.appautoscaling_policy import (
    AppautoscalingPolicy,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification,
)
from cdktf_cdktf_provider_aws.appautoscaling_target import AppautoscalingTarget

from lib.region import Region

NAMESPACE = "ecs"
DIMENSION = "ecs:service:DesiredCount"
# Percent of what a task has, by ECS's own metric.
# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html
TARGETS = {
    "cpu": ("ECSServiceAverageCPUUtilization", 70),
    "memory": ("ECSServiceAverageMemoryUtilization", 75),
}
COOLDOWN_SECONDS = 60


class ServiceScaling:
    """Target tracking between the fewest and the most tasks of the settings."""

    def __init__(
        self, region: Region, *, cluster_name: str, service_name: str, after: Sequence[ITerraformDependable] = ()
    ) -> None:
        """`after` is what must be over before the number of tasks may change, such as the first deployment."""
        self.target = region.add(
            AppautoscalingTarget,
            "service_scaling",
            service_namespace=NAMESPACE,
            scalable_dimension=DIMENSION,
            resource_id=f"service/{cluster_name}/{service_name}",
            min_capacity=region.settings.service_min_tasks,
            max_capacity=region.settings.service_max_tasks,
            depends_on=list(after),
        )
        self.policies = {
            name: region.add(
                AppautoscalingPolicy,
                f"service_scaling_{name}",
                name=region.settings.name(f"service-{name}"),
                policy_type="TargetTrackingScaling",
                service_namespace=self.target.service_namespace,
                scalable_dimension=self.target.scalable_dimension,
                resource_id=self.target.resource_id,
                target_tracking_scaling_policy_configuration=(
                    AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration(
                        predefined_metric_specification=(
                            AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification(
                                predefined_metric_type=metric
                            )
                        ),
                        target_value=percent,
                        scale_in_cooldown=COOLDOWN_SECONDS,
                        scale_out_cooldown=COOLDOWN_SECONDS,
                    )
                ),
            )
            for name, (metric, percent) in TARGETS.items()
        }
