"""The experiments of a game day, as AWS Fault Injection Service runs them: writer, zone or Region lost.

Actions, their parameters and what they need: https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html
Targets: https://docs.aws.amazon.com/fis/latest/userguide/targets.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.fis_experiment_template import (
    FisExperimentTemplate,
    FisExperimentTemplateAction,
    FisExperimentTemplateActionParameter,
    FisExperimentTemplateActionTarget,
    FisExperimentTemplateExperimentOptions,
    FisExperimentTemplateLogConfiguration,
    FisExperimentTemplateLogConfigurationCloudwatchLogsConfiguration,
    FisExperimentTemplateStopCondition,
    FisExperimentTemplateTarget,
    FisExperimentTemplateTargetFilter,
    FisExperimentTemplateTargetResourceTag,
)

from lib.iam import attach_policy, service_role
from lib.log_group import owned_log_group
from lib.recovery.experiment_access import experiment_access
from lib.region import Region

OUTAGE = "PT5M"
"""How long a zone or a Region stays lost, unless the experiment is stopped."""

LOG_SCHEMA_VERSION = 2


@dataclass(frozen=True, kw_only=True)
class Containers:
    """The ECS service whose tasks in a lost zone are stopped."""

    cluster_name: str
    service_name: str


class Experiments:
    """Experiment templates, their role and their log.

    A Region of two has the loss of the whole Region among them. AWS has no such fault: what is lost there is every
    subnet's connectivity, so that what needs no network of the environment's own, such as the health route of a
    function, goes on answering.
    """

    def __init__(
        self,
        region: Region,
        *,
        cluster_arn: str,
        subnet_ids: Sequence[Sequence[str]],
        key_arn: str,
        containers: Containers | None = None,
    ) -> None:
        """`subnet_ids` are those of each tier, in the order of the zones.

        No alarm stops an experiment: a game day is there to see the alarms go on. It ends with its time, or by hand.
        """
        self._region = region
        name = region.settings.name("experiments")
        self.log_group = owned_log_group(
            region, "experiments_log_group", name=f"/aws/vendedlogs/fis/{name}", key_arn=key_arn
        )
        role = service_role(
            region, "experiments_role", name=name, service="fis.amazonaws.com", of_account=region.account_id
        )
        access = experiment_access(
            region, cluster_arn=cluster_arn, ecs_cluster_name=containers.cluster_name if containers else None
        )
        self._permissions = [
            attach_policy(
                region,
                f"experiments_{concern}",
                role=role,
                name=region.settings.name(f"experiments-{concern}"),
                statements=statements,
            )
            for concern, statements in access.items()
        ]
        self._role_arn = role.arn
        by_zone = {
            zone: [region.arn("ec2", f"subnet/{tier[number]}") for tier in subnet_ids]
            for number, zone in enumerate(region.settings.zones)
        }
        self.templates = {
            "writer-lost": self._writer_lost(cluster_arn),
            "zone-lost": self._zone_lost(region.settings.zones[0], by_zone[region.settings.zones[0]], containers),
        }
        if region.settings.role:
            self.templates["region-lost"] = self._region_lost(by_zone)

    def outputs(self) -> dict[str, str]:
        return {f"experiment_{name.replace('-', '_')}_id": template.id for name, template in self.templates.items()}

    def _writer_lost(self, cluster_arn: str) -> FisExperimentTemplate:
        target = FisExperimentTemplateTarget(
            name="ledger", resource_type="aws:rds:cluster", resource_arns=[cluster_arn], selection_mode="ALL"
        )
        return self._template(
            "writer-lost",
            "The ledger loses its writer, and a reader takes its place",
            targets=[target],
            actions=[_fail_over("ledger")],
            empty_targets="fail",
        )

    def _zone_lost(self, zone: str, subnet_arns: Sequence[str], containers: Containers | None) -> FisExperimentTemplate:
        """Cut a zone off, with the ledger's writer and the service's tasks if they are in it."""
        settings = self._region.settings
        targets = [
            _subnets(zone, subnet_arns),
            FisExperimentTemplateTarget(
                name="writer-in-zone",
                resource_type="aws:rds:cluster",
                # Parameters do not go with ARNs.
                resource_tag=[
                    FisExperimentTemplateTargetResourceTag(key=key, value=settings.tags[key])
                    for key in ("Project", "EnvironmentSuffix")
                ],
                parameters={"writerAvailabilityZoneIdentifiers": zone},
                selection_mode="ALL",
            ),
        ]
        actions = [_disconnect(zone), _fail_over("writer-in-zone")]
        if containers:
            targets.append(
                FisExperimentTemplateTarget(
                    name="tasks-in-zone",
                    resource_type="aws:ecs:task",
                    parameters={"cluster": containers.cluster_name, "service": containers.service_name},
                    filter=[FisExperimentTemplateTargetFilter(path="AvailabilityZone", values=[zone])],
                    selection_mode="ALL",
                )
            )
            actions.append(
                FisExperimentTemplateAction(
                    name="stop-tasks",
                    action_id="aws:ecs:stop-task",
                    target=FisExperimentTemplateActionTarget(key="Tasks", value="tasks-in-zone"),
                )
            )
        return self._template(
            "zone-lost",
            f"{zone} is cut off, with the ledger's writer and the tasks in it",
            targets=targets,
            actions=actions,
            # The zone may have neither the writer nor a task.
            empty_targets="skip",
        )

    def _region_lost(self, by_zone: dict[str, list[str]]) -> FisExperimentTemplate:
        """Cut every zone off; a target of its own for each, since one takes five ARNs."""
        return self._template(
            "region-lost",
            f"{self._region.name} is cut off",
            targets=[_subnets(zone, arns) for zone, arns in by_zone.items()],
            actions=[_disconnect(zone) for zone in by_zone],
            empty_targets="fail",
        )

    def _template(
        self,
        name: str,
        description: str,
        *,
        targets: Sequence[FisExperimentTemplateTarget],
        actions: Sequence[FisExperimentTemplateAction],
        empty_targets: str,
    ) -> FisExperimentTemplate:
        return self._region.add(
            FisExperimentTemplate,
            f"experiment_{name.replace('-', '_')}",
            description=description,
            role_arn=self._role_arn,
            target=list(targets),
            action=list(actions),
            stop_condition=[FisExperimentTemplateStopCondition(source="none")],
            experiment_options=FisExperimentTemplateExperimentOptions(
                account_targeting="single-account", empty_target_resolution_mode=empty_targets
            ),
            log_configuration=FisExperimentTemplateLogConfiguration(
                log_schema_version=LOG_SCHEMA_VERSION,
                cloudwatch_logs_configuration=FisExperimentTemplateLogConfigurationCloudwatchLogsConfiguration(
                    log_group_arn=f"{self.log_group.arn}:*"
                ),
            ),
            tags={"Name": self._region.settings.name(name)},
            depends_on=self._permissions,
        )


def _fail_over(target: str) -> FisExperimentTemplateAction:
    return FisExperimentTemplateAction(
        name="fail-over",
        action_id="aws:rds:failover-db-cluster",
        target=FisExperimentTemplateActionTarget(key="Clusters", value=target),
    )


def _subnets(zone: str, arns: Sequence[str]) -> FisExperimentTemplateTarget:
    return FisExperimentTemplateTarget(
        name=f"subnets-{zone[-1]}", resource_type="aws:ec2:subnet", resource_arns=list(arns), selection_mode="ALL"
    )


def _disconnect(zone: str) -> FisExperimentTemplateAction:
    return FisExperimentTemplateAction(
        name=f"disconnect-{zone[-1]}",
        action_id="aws:network:disrupt-connectivity",
        parameter=[
            FisExperimentTemplateActionParameter(key="duration", value=OUTAGE),
            FisExperimentTemplateActionParameter(key="scope", value="all"),
        ],
        target=FisExperimentTemplateActionTarget(key="Subnets", value=f"subnets-{zone[-1]}"),
    )
