"""An Aurora cluster of the ledger in one Region: its network, logs, parameters, monitoring and instances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack

from cdktf import ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.rds_cluster import RdsCluster
from cdktf_cdktf_provider_aws.rds_cluster_instance import RdsClusterInstance
from cdktf_cdktf_provider_aws.rds_cluster_parameter_group import (
    RdsClusterParameterGroup,
    RdsClusterParameterGroupParameter,
)

from lib.backup.tagged import backup_tags
from lib.database.engine import engine
from lib.encryption import Key
from lib.iam import service_role
from lib.log_group import owned_log_group
from lib.region import Region
from lib.security_group import WorkloadSecurityGroup

DATABASE_NAME = "payments"
BACKUP_WINDOW = "03:00-04:00"
MAINTENANCE_WINDOW = "sun:04:30-sun:05:30"
MONITORING_INTERVAL_SECONDS = 60
# Performance Insights keeps 7 days without charge.
PERFORMANCE_INSIGHTS_DAYS = 7


class Origin(TypedDict, total=False):
    """Where a cluster's data and master user come from: its own, or those of a global database that it is part of."""

    database_name: str
    master_username: str
    manage_master_user_password: bool
    master_user_secret_kms_key_id: str
    master_password_wo: str
    master_password_wo_version: int
    backtrack_window: int | None
    global_cluster_identifier: str
    source_region: str
    lifecycle: TerraformResourceLifecycle | None


class AuroraCluster:
    """The cluster called `name`, with instances over the zones. Its endpoints answer once all of `ready` is there."""

    def __init__(
        self,
        region: Region,
        *,
        name: str,
        vpc_id: str,
        subnet_ids: Sequence[str],
        key: Key,
        log_key: Key,
        after: Sequence[ITerraformDependable] = (),
        **origin: Unpack[Origin],
    ) -> None:
        self._region = region
        self._name = name
        self._key = key
        self._engine = engine(region.settings)
        self.port = self._engine.port
        self.security_group = WorkloadSecurityGroup(
            region, "database", vpc_id=vpc_id, description="Payment ledger database"
        )
        subnet_group = region.add(
            DbSubnetGroup,
            "database_subnet_group",
            name=region.settings.name("database"),
            description="Isolated subnets of the payment ledger",
            subnet_ids=list(subnet_ids),
        )
        self.cluster = self._cluster(subnet_group, [*self._log_groups(log_key), *after], origin)
        self.endpoint = self.cluster.endpoint
        self.reader_endpoint = self.cluster.reader_endpoint
        # What IAM knows the cluster by when a user logs in.
        self.resource_id = self.cluster.cluster_resource_id
        self.ready: list[ITerraformDependable] = [*self._instances(self._monitoring_role())]

    def outputs(self) -> dict[str, str]:
        return {
            "database_engine": self.cluster.engine,
            "database_cluster_id": self.cluster.cluster_identifier,
            "database_cluster_arn": self.cluster.arn,
            "database_endpoint": self.endpoint,
            "database_reader_endpoint": self.reader_endpoint,
        }

    def _log_groups(self, key: Key) -> list[CloudwatchLogGroup]:
        return [
            owned_log_group(
                self._region,
                f"database_{export}_log_group",
                name=f"/aws/rds/cluster/{self._name}/{export}",
                key_arn=key.arn,
            )
            for export in self._engine.log_exports
        ]

    def _parameter_group(self) -> RdsClusterParameterGroup:
        return self._region.add(
            RdsClusterParameterGroup,
            "database_parameters",
            name=self._region.settings.name("cluster"),
            family=self._engine.parameter_group_family,
            description="TLS required, audit and slow query logs on",
            parameter=[
                RdsClusterParameterGroupParameter(
                    name=name,
                    value=value,
                    apply_method="pending-reboot" if name in self._engine.static_parameters else "immediate",
                )
                for name, value in self._engine.parameters.items()
            ],
        )

    def _monitoring_role(self) -> IamRole:
        region = self._region
        role = service_role(
            region,
            "database_monitoring_role",
            name=region.settings.name("database-monitoring"),
            service="monitoring.rds.amazonaws.com",
        )
        region.add(
            IamRolePolicyAttachment,
            "database_monitoring_policy",
            role=role.name,
            policy_arn=f"arn:{region.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
        )
        return role

    def _cluster(
        self, subnet_group: DbSubnetGroup, after: Sequence[ITerraformDependable], origin: Origin
    ) -> RdsCluster:
        settings = self._region.settings
        return self._region.add(
            RdsCluster,
            "database_cluster",
            cluster_identifier=self._name,
            engine=settings.db_engine,
            engine_version=settings.db_engine_version,
            port=self.port,
            iam_database_authentication_enabled=True,
            db_subnet_group_name=subnet_group.name,
            db_cluster_parameter_group_name=self._parameter_group().name,
            vpc_security_group_ids=[self.security_group.id],
            storage_encrypted=True,
            kms_key_id=self._key.arn,
            backup_retention_period=settings.backup_retention_days,
            preferred_backup_window=BACKUP_WINDOW,
            preferred_maintenance_window=MAINTENANCE_WINDOW,
            copy_tags_to_snapshot=True,
            delete_automated_backups=not settings.protected,
            enabled_cloudwatch_logs_exports=list(self._engine.log_exports),
            deletion_protection=settings.protected,
            skip_final_snapshot=not settings.protected,
            final_snapshot_identifier=settings.name("cluster-final") if settings.protected else None,
            apply_immediately=not settings.protected,
            tags=backup_tags(settings),
            depends_on=list(after),
            **origin,
        )

    def _instances(self, monitoring_role: IamRole) -> list[RdsClusterInstance]:
        """One writer and readers, zone by zone; the lower the promotion tier, the sooner one is promoted."""
        settings = self._region.settings
        return [
            self._region.add(
                RdsClusterInstance,
                f"database_instance_{number}",
                identifier=settings.name(f"instance-{number}"),
                cluster_identifier=self.cluster.id,
                engine=self.cluster.engine,
                engine_version=self.cluster.engine_version,
                instance_class=settings.db_instance_class,
                availability_zone=settings.zones[number % len(settings.zones)],
                promotion_tier=min(number, 15),
                publicly_accessible=False,
                auto_minor_version_upgrade=False,
                monitoring_interval=MONITORING_INTERVAL_SECONDS,
                monitoring_role_arn=monitoring_role.arn,
                performance_insights_enabled=True,
                performance_insights_kms_key_id=self._key.arn,
                performance_insights_retention_period=PERFORMANCE_INSIGHTS_DAYS,
                copy_tags_to_snapshot=True,
                apply_immediately=not settings.protected,
            )
            for number in range(settings.db_instance_count)
        ]
