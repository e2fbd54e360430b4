"""The ledger's database: Aurora MySQL over two zones, with backtrack."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable
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
from constructs import Construct

from lib.encryption import EncryptionKey
from lib.iam import Statement, service_role
from lib.log_group import owned_log_group
from lib.security_group import WorkloadSecurityGroup
from lib.settings import Settings

PORT = 3306
DATABASE_NAME = "payments"
MASTER_USERNAME = "admin"
PARAMETER_GROUP_FAMILY = "aurora-mysql8.0"
LOG_EXPORTS = ("audit", "error", "general", "slowquery")
BACKUP_WINDOW = "03:00-04:00"
MAINTENANCE_WINDOW = "sun:04:30-sun:05:30"
MONITORING_INTERVAL_SECONDS = 60
# Performance Insights keeps 7 days without charge.
PERFORMANCE_INSIGHTS_DAYS = 7
SECONDS_PER_HOUR = 3600
PARAMETERS = {
    "require_secure_transport": "ON",
    "tls_version": "TLSv1.2,TLSv1.3",
    "server_audit_logging": "1",
    "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL",
    "slow_query_log": "1",
    "long_query_time": "1",
    "general_log": "0",
}
# Aurora takes these only with a restart; a new cluster starts with them.
STATIC_PARAMETERS = ("tls_version",)


class LedgerDatabase:
    """The Aurora cluster, its instances, logs and monitoring. The master password is AWS's own to make and keep."""

    def __init__(
        self,
        scope: Construct,
        *,
        settings: Settings,
        vpc_id: str,
        subnet_ids: Sequence[str],
        key: EncryptionKey,
        log_key: EncryptionKey,
    ) -> None:
        self._scope = scope
        self._settings = settings
        self._key = key
        self.security_group = WorkloadSecurityGroup(
            scope, "database", settings=settings, vpc_id=vpc_id, description="Payment ledger database"
        )
        subnet_group = DbSubnetGroup(
            scope,
            "database_subnet_group",
            name=settings.name("database"),
            description="Isolated subnets of the payment ledger",
            subnet_ids=list(subnet_ids),
        )
        self.cluster = self._cluster(subnet_group, self._parameter_group(), self._log_groups(log_key))
        self.instances = self._instances(self._monitoring_role())

    def outputs(self) -> dict[str, str]:
        return {
            "database_cluster_id": self.cluster.cluster_identifier,
            "database_cluster_arn": self.cluster.arn,
            "database_endpoint": self.cluster.endpoint,
            "database_reader_endpoint": self.cluster.reader_endpoint,
            "database_secret_arn": self.secret_arn,
        }

    @property
    def secret_arn(self) -> str:
        """The secret of the master user."""
        return self.cluster.master_user_secret.get(0).secret_arn

    @property
    def endpoint(self) -> str:
        return self.cluster.endpoint

    @property
    def resource_id(self) -> str:
        """What IAM knows the cluster by when a user logs in."""
        return self.cluster.cluster_resource_id

    @property
    def ready(self) -> list[ITerraformDependable]:
        """What must be there before the endpoint answers."""
        return [*self.instances]

    def master_access(self) -> list[Statement]:
        """Return the statements that let a role read the master user's password."""
        return [
            Statement(sid="ReadMasterUser", actions=["secretsmanager:GetSecretValue"], resources=[self.secret_arn]),
            Statement(sid="DecryptMasterUser", actions=["kms:Decrypt"], resources=[self._key.arn]),
        ]

    def _log_groups(self, key: EncryptionKey) -> list[CloudwatchLogGroup]:
        return [
            owned_log_group(
                self._scope,
                f"database_{export}_log_group",
                name=f"/aws/rds/cluster/{self._settings.name('cluster')}/{export}",
                settings=self._settings,
                key_arn=key.arn,
            )
            for export in LOG_EXPORTS
        ]

    def _parameter_group(self) -> RdsClusterParameterGroup:
        return RdsClusterParameterGroup(
            self._scope,
            "database_parameters",
            name=self._settings.name("cluster"),
            family=PARAMETER_GROUP_FAMILY,
            description="TLS required, audit and slow query logs on",
            parameter=[
                RdsClusterParameterGroupParameter(
                    name=name, value=value, apply_method="pending-reboot" if name in STATIC_PARAMETERS else "immediate"
                )
                for name, value in PARAMETERS.items()
            ],
        )

    def _monitoring_role(self) -> IamRole:
        role = service_role(
            self._scope,
            "database_monitoring_role",
            name=self._settings.name("database-monitoring"),
            service="monitoring.rds.amazonaws.com",
        )
        IamRolePolicyAttachment(
            self._scope,
            "database_monitoring_policy",
            role=role.name,
            policy_arn=f"arn:{self._settings.partition.id}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
        )
        return role

    def _cluster(
        self,
        subnet_group: DbSubnetGroup,
        parameters: RdsClusterParameterGroup,
        log_groups: Sequence[CloudwatchLogGroup],
    ) -> RdsCluster:
        settings = self._settings
        return RdsCluster(
            self._scope,
            "database_cluster",
            cluster_identifier=settings.name("cluster"),
            engine=settings.db_engine,
            engine_version=settings.db_engine_version,
            database_name=DATABASE_NAME,
            port=PORT,
            master_username=MASTER_USERNAME,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=self._key.key.key_id,
            iam_database_authentication_enabled=True,
            db_subnet_group_name=subnet_group.name,
            db_cluster_parameter_group_name=parameters.name,
            vpc_security_group_ids=[self.security_group.id],
            storage_encrypted=True,
            kms_key_id=self._key.arn,
            backtrack_window=settings.backtrack_hours * SECONDS_PER_HOUR,
            backup_retention_period=settings.backup_retention_days,
            preferred_backup_window=BACKUP_WINDOW,
            preferred_maintenance_window=MAINTENANCE_WINDOW,
            copy_tags_to_snapshot=True,
            delete_automated_backups=not settings.protected,
            enabled_cloudwatch_logs_exports=list(LOG_EXPORTS),
            deletion_protection=settings.protected,
            skip_final_snapshot=not settings.protected,
            final_snapshot_identifier=settings.name("cluster-final") if settings.protected else None,
            apply_immediately=not settings.protected,
            depends_on=list(log_groups),
        )

    def _instances(self, monitoring_role: IamRole) -> list[RdsClusterInstance]:
        """One writer and readers, zone by zone; the lower the promotion tier, the sooner one is promoted."""
        settings = self._settings
        return [
            RdsClusterInstance(
                self._scope,
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
