"""What RDS refuses and moto accepts."""

import re

from local_aws.calls import Call
from local_aws.databases.aurora import MYSQL, POSTGRESQL
from local_aws.errors import AwsError
from local_aws.operations.rds import ENGINES
from local_aws.references import key_of, missing_groups, role_exists
from local_aws.registry import refuses

IDENTIFIER = re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,62}(?<!-)", re.IGNORECASE)
IDENTIFIER_RULE = (
    "Identifiers must have at most 63 characters, must begin with a letter; must contain only ASCII letters, digits, "
    "and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
)

RESERVED_USERS = ("rdsadmin", "rdsrepladmin", "rds_superuser", "rds_iam")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message)


@refuses("rds", "CreateDBCluster", "CreateDBInstance", "CreateDBSubnetGroup", "CreateDBClusterParameterGroup")
@refuses("rds", "CreateDBParameterGroup", "CreateGlobalCluster")
@refuses("rds", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime")
def names(call: Call) -> None:
    """Names of what the call makes."""
    prefix = "" if call.operation != "CreateGlobalCluster" else "Global"
    for parameter in ("DBClusterIdentifier", "DBInstanceIdentifier", f"{prefix}ClusterIdentifier"):
        name = call.params.get(parameter)
        if name and not IDENTIFIER.fullmatch(name):
            raise _invalid(f"The parameter {parameter} is not a valid identifier: {name}. {IDENTIFIER_RULE}")
    for parameter in ("DBSubnetGroupName", "DBClusterParameterGroupName", "DBParameterGroupName"):
        name = call.params.get(parameter, "")
        if len(name) > 255 or name.lower() == "default":
            raise _invalid(f"The parameter {parameter} is not a valid name: {name}")


@refuses("rds", "CreateDBCluster", "ModifyDBCluster", "CreateDBInstance", "ModifyDBInstance")
@refuses("rds", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime")
def missing_references(call: Call) -> None:
    """Keys, security groups, the monitoring role and the subnet group must exist."""
    given = call.params
    for parameter in ("KmsKeyId", "MasterUserSecretKmsKeyId", "PerformanceInsightsKMSKeyId"):
        if given.get(parameter) and key_of(call, given[parameter]) is None:
            text = f"The KMS key {given[parameter]} does not exist or is not enabled"
            raise AwsError("KMSKeyNotAccessibleFault", text)
    for group in missing_groups(call, given.get("VpcSecurityGroupIds") or []):
        raise _invalid(f"Invalid security group , groupId= {group}, groupName=.")
    if given.get("MonitoringInterval") and not role_exists(call, given.get("MonitoringRoleArn", "")):
        raise _invalid(
            "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING"
        )
    subnets = given.get("DBSubnetGroupName")
    if subnets and subnets not in call.backend().subnet_groups:
        raise AwsError("DBSubnetGroupNotFoundFault", f"DB subnet group '{subnets}' does not exist.", 404)


@refuses("rds", "CreateDBSubnetGroup", "ModifyDBSubnetGroup")
def subnets_of_one_zone(call: Call) -> None:
    """A subnet group covers at least two availability zones."""
    zones = call.backend("ec2").subnets
    covered = {zone for zone, subnets in zones.items() for identity in call.params["SubnetIds"] if identity in subnets}
    if len(covered) == 1:
        raise AwsError(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
            "Add subnets to cover at least 2 AZs.",
        )


@refuses("rds", "CreateDBCluster", "ModifyDBCluster")
def impossible_clusters(call: Call) -> None:
    """Backtrack is for Aurora MySQL outside global databases; versions must exist; backups are kept 1 to 35 days.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Managing.Backtrack.html
    """
    given, current = call.params, call.backend().clusters.get(call.params["DBClusterIdentifier"])
    engine = given.get("Engine") or getattr(current, "engine", "")
    if given.get("BacktrackWindow"):
        elsewhere = ("GlobalClusterIdentifier", "ServerlessV2ScalingConfiguration")
        if engine != MYSQL:
            raise _invalid(f"Backtrack is not enabled for the {engine} engine.")
        if any(given.get(parameter) for parameter in elsewhere):
            raise AwsError("InvalidParameterCombination", f"Backtrack is not supported for this {engine} cluster.")
    known = next((one for one in ENGINES if one.name == engine), None)
    if known and given.get("EngineVersion") and not known.has(given["EngineVersion"]):
        raise AwsError("InvalidParameterCombination", f"Cannot find version {given['EngineVersion']} for {engine}")
    if not 1 <= given.get("BackupRetentionPeriod", 1) <= 35:
        raise _invalid(f"Invalid backup retention period: {given['BackupRetentionPeriod']}. Must be between 1 and 35.")
    if given.get("ManageMasterUserPassword") and given.get("MasterUserPassword"):
        raise AwsError("InvalidParameterCombination", "MasterUserPassword can't be set when AWS manages the password.")


@refuses("rds", "CreateDBCluster", "ModifyDBCluster")
def logs_of_another_engine(call: Call) -> None:
    """Only some logs go to CloudWatch, others for each engine."""
    given, current = call.params, call.backend().clusters.get(call.params["DBClusterIdentifier"])
    name = given.get("Engine") or getattr(current, "engine", "")
    engine = next((one for one in ENGINES if one.name == name), None)
    changes = given.get("CloudwatchLogsExportConfiguration") or {}
    wanted = [*(given.get("EnableCloudwatchLogsExports") or []), *(changes.get("EnableLogTypes") or [])]
    unknown = [log for log in wanted if engine and log not in engine.logs]
    if unknown:
        logs = ", ".join(f"'{log}'" for log in unknown)
        version = given.get("EngineVersion") or getattr(current, "engine_version", "")
        raise AwsError(
            "InvalidParameterCombination",
            f"You cannot use the log types {logs} with engine version {name} {version}. For supported log types, see "
            "the documentation.",
        )


@refuses("rds", "CreateDBCluster")
def reserved_master_users(call: Call) -> None:
    """Some names are the engine's own, others those of RDS.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.MasterAccounts.html
    """
    engine, user = call.params["Engine"], call.params.get("MasterUsername", "")
    if user.lower() in RESERVED_USERS or (engine == POSTGRESQL and user.lower() == "admin"):
        raise _invalid(f"MasterUsername {user} cannot be used as it is a reserved word used by the engine")
    if engine == POSTGRESQL and user.lower().startswith("pg_"):
        raise _invalid(
            f'MasterUsername {user} cannot be used because role names starting with "pg_" are reserved by the '
            "PostgreSQL engine"
        )


@refuses("rds", "CreateDBCluster", "CreateDBInstance")
def parameters_of_another_family(call: Call) -> None:
    """A parameter group must be of the engine's family."""
    backend, given = call.backend(), call.params
    cluster = given.get("DBClusterParameterGroupName") or ""
    instance = given.get("DBParameterGroupName") or ""
    version = given.get("EngineVersion") or getattr(
        backend.clusters.get(given.get("DBClusterIdentifier")), "engine_version", ""
    )
    for groups, name in (
        (backend.db_cluster_parameter_groups, cluster),
        (backend.db_parameter_groups, instance),
    ):
        if not name or name.startswith("default."):
            continue
        if name not in groups:
            raise AwsError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)
        family = getattr(groups[name], "db_parameter_group_family", None) or groups[name].family
        if version and not f"{given['Engine']}{version}".startswith(family):
            raise AwsError(
                "InvalidParameterCombination",
                f"The Parameter Group {name} with DBParameterGroupFamily {family} can't be used for this instance.",
            )
