"""Repairs of RDS: clusters, instances, parameters."""

from typing import Any

from moto.rds.models import DBCluster, DBInstanceClustered

from local_aws.calls import Call
from local_aws.registry import Output, Plain, installs, patch, repairs

INSIGHTS = {
    "EnablePerformanceInsights": "performance_insights_enabled",
    "PerformanceInsightsKMSKeyId": "performance_insights_kms_key_id",
    "PerformanceInsightsRetentionPeriod": "performance_insights_retention_period",
}
"""Parameters that moto drops, and the attributes of its instance in which its answers look for them."""


@installs
def show_scaling_of_serverless_only() -> None:
    """moto shows an empty scaling configuration for clusters that have none."""
    plain: Any = vars(DBCluster)["scaling_configuration_info"]

    def scaling_configuration_info(cluster: Any) -> dict[str, Any] | None:
        return plain.fget(cluster) if cluster.scaling_configuration else None

    patch(DBCluster, scaling_configuration_info=property(scaling_configuration_info))


@repairs("rds", "ModifyDBCluster")
def switch_iam_authentication(call: Call, plain: Plain) -> Output:
    """moto shows of a cluster what it was made with."""
    wanted = call.params.get("EnableIAMDatabaseAuthentication")
    cluster: Any = call.backend().clusters.get(call.params["DBClusterIdentifier"])
    if cluster is not None and wanted is not None:
        cluster.iam_auth = wanted
    return plain()


@repairs("rds", "CreateDBInstance", "ModifyDBInstance")
def keep_performance_insights(call: Call, plain: Plain) -> Output:
    """moto drops Performance Insights."""
    output = plain()
    name = call.params.get("NewDBInstanceIdentifier") or call.params["DBInstanceIdentifier"]
    instance = call.backend().databases[name]
    for parameter, attribute in INSIGHTS.items():
        if parameter in call.params:
            setattr(instance, attribute, call.params[parameter])
    return output


@repairs("rds", "DescribeDBParameters", "DescribeDBClusterParameters")
def say_who_set_parameters(call: Call, plain: Plain) -> Output:
    """moto holds only parameters that the user set, without saying that the user set them."""
    if call.params.get("Source", "user") != "user":
        return {"Parameters": []}
    output = plain()
    for parameter in output.get("Parameters", []):
        parameter["Source"] = "user"
    return output


@repairs("rds", "DeleteDBCluster")
def delete_automatic_snapshots(call: Call, plain: Plain) -> Output:
    """moto keeps a cluster's automatic snapshots, so that the same cluster cannot be made again within a minute."""
    output, backend, cluster = plain(), call.backend(), call.params["DBClusterIdentifier"]
    for name, snapshot in list(backend.cluster_snapshots.items()):
        if (snapshot.db_cluster_identifier, snapshot.snapshot_type) == (cluster, "automated"):
            backend.delete_db_cluster_snapshot(name)
    return output


@repairs("rds", "CreateDBInstance")
def make_no_snapshot_of_an_instance_of_a_cluster(call: Call, plain: Plain) -> Output:
    """moto makes an automatic snapshot of it. In Aurora only clusters have snapshots."""
    output, backend = plain(), call.backend()
    instance = backend.databases[call.params["DBInstanceIdentifier"]]
    if isinstance(instance, DBInstanceClustered):
        for name, snapshot in list(backend.database_snapshots.items()):
            if snapshot.db_instance_identifier == instance.db_instance_identifier:
                del backend.database_snapshots[name]
    return output
