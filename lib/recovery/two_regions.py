"""What a recovery in one of two Regions is told of the other, and may do there."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.rds_cluster import RdsCluster

from lib.database.global_ledger import GlobalLedger
from lib.iam import Statement
from lib.parameters.role import RoleParameter
from lib.region import Region
from lib.settings import Settings


@dataclass(frozen=True, kw_only=True)
class OtherRegion:
    """The other Region, the database of both, and the health check that leads clients to the primary."""

    name: str
    cluster: RdsCluster
    role: RoleParameter
    ledger: GlobalLedger
    health_check_id: str

    def environment(self, settings: Settings) -> dict[str, str]:
        """Return the variables that tell the code of it; the settings are this Region's own."""
        role = settings.role
        assert role is not None  # Only one of two Regions has another.
        return {
            "GLOBAL_CLUSTER_ID": self.ledger.global_cluster.global_cluster_identifier,
            "OTHER_REGION": self.name,
            "DEPLOYED_ROLE": role.value,
            "PRIMARY_HEALTH_CHECK_ID": self.health_check_id,
        }

    def access(self, region: Region, cluster_arn: str) -> list[Statement]:
        """Return the statements that let a role in `region`, which has the other cluster, change what leads.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html
        """
        databases = [self.ledger.global_cluster.arn, cluster_arn, self.cluster.arn]
        check = f"arn:{region.partition}:route53:::healthcheck/{self.health_check_id}"
        return [
            *self.role.write_access(),
            Statement(
                sid="SeeTheGlobalLedger",
                actions=["rds:DescribeGlobalClusters", "rds:DescribeDBClusters"],
                resources=databases,
            ),
            Statement(
                sid="MoveThePrimary",
                actions=["rds:SwitchoverGlobalCluster", "rds:FailoverGlobalCluster"],
                resources=databases,
            ),
            Statement(
                sid="ReadReplicationLag",
                actions=["cloudwatch:GetMetricData"],
                resources=["*"],  # It has no resource-level permission.
            ),
            Statement(
                sid="LeadClients",
                actions=["route53:GetHealthCheck", "route53:GetHealthCheckStatus", "route53:UpdateHealthCheck"],
                resources=[check],
            ),
        ]
