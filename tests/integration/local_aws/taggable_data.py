"""`taggable`: databases, tables, buckets, backups, secrets, parameters."""

from collections.abc import Callable
from typing import Any

from tests.integration.local_aws.conftest import Cloud
from tests.integration.local_aws.resources import cluster, network, role
from tests.integration.local_aws.taggable import Made, Tags, arn, maker, pairs, plain


def _rds(cloud: Cloud, name: str, delete: Callable[[], object]) -> Made:
    made = arn("rds", name)
    return Made(made, lambda: plain(cloud.rds.list_tags_for_resource(ResourceName=made)["TagList"]), delete)


def _cluster(cloud: Cloud, **parameters: Any) -> None:
    """A cluster whose databases need not run."""
    cluster(cloud, Engine="aurora-postgresql", MasterUsername="payments", **parameters)


@maker("DB cluster")
def db_cluster(cloud: Cloud, tags: Tags) -> Made:
    _cluster(cloud, Tags=pairs(tags))
    given = {"DBClusterIdentifier": "ledger", "SkipFinalSnapshot": True}
    return _rds(cloud, "cluster:ledger", lambda: cloud.rds.delete_db_cluster(**given))


@maker("DB cluster snapshot")
def db_cluster_snapshot(cloud: Cloud, tags: Tags) -> Made:
    _cluster(cloud)
    given = {"DBClusterSnapshotIdentifier": "last"}
    cloud.rds.create_db_cluster_snapshot(**given, DBClusterIdentifier="ledger", Tags=pairs(tags))
    return _rds(cloud, "cluster-snapshot:last", lambda: cloud.rds.delete_db_cluster_snapshot(**given))


@maker("DB instance")
def db_instance(cloud: Cloud, tags: Tags) -> Made:
    _cluster(cloud)
    given = {"DBInstanceIdentifier": "one"}
    cloud.rds.create_db_instance(
        **given,
        DBClusterIdentifier="ledger",
        DBInstanceClass="db.r5.large",
        Engine="aurora-postgresql",
        Tags=pairs(tags),
    )
    return _rds(cloud, "db:one", lambda: cloud.rds.delete_db_instance(**given, SkipFinalSnapshot=True))


@maker("DB subnet group")
def subnet_group(cloud: Cloud, tags: Tags) -> Made:
    given = {"DBSubnetGroupName": "it"}
    subnets = network(cloud)[1]
    cloud.rds.create_db_subnet_group(**given, DBSubnetGroupDescription="it", SubnetIds=subnets, Tags=pairs(tags))
    return _rds(cloud, "subgrp:it", lambda: cloud.rds.delete_db_subnet_group(**given))


@maker("DB cluster parameter group")
def cluster_parameter_group(cloud: Cloud, tags: Tags) -> Made:
    given = {"DBClusterParameterGroupName": "it"}
    family = {"DBParameterGroupFamily": "aurora-mysql8.0", "Description": "it"}
    cloud.rds.create_db_cluster_parameter_group(**given, **family, Tags=pairs(tags))
    return _rds(cloud, "cluster-pg:it", lambda: cloud.rds.delete_db_cluster_parameter_group(**given))


@maker("DB parameter group")
def parameter_group(cloud: Cloud, tags: Tags) -> Made:
    given = {"DBParameterGroupName": "it"}
    family = {"DBParameterGroupFamily": "aurora-mysql8.0", "Description": "it"}
    cloud.rds.create_db_parameter_group(**given, **family, Tags=pairs(tags))
    return _rds(cloud, "pg:it", lambda: cloud.rds.delete_db_parameter_group(**given))


@maker("DB proxy")
def db_proxy(cloud: Cloud, tags: Tags) -> Made:
    given = {"DBProxyName": "it"}
    subnets = network(cloud)[1]
    secret = cloud.secretsmanager.create_secret(Name="proxy", SecretString="{}")["ARN"]
    made = cloud.rds.create_db_proxy(
        **given,
        EngineFamily="POSTGRESQL",
        Auth=[{"AuthScheme": "SECRETS", "SecretArn": secret, "IAMAuth": "REQUIRED"}],
        RoleArn=role(cloud, "rds"),
        VpcSubnetIds=subnets,
        Tags=pairs(tags),
    )["DBProxy"]["DBProxyArn"]
    return _rds(cloud, made.split(":", 5)[5], lambda: cloud.rds.delete_db_proxy(**given))


@maker("table")
def table(cloud: Cloud, tags: Tags) -> Made:
    given = {"TableName": "sessions"}
    cloud.dynamodb.create_table(
        **given,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=pairs(tags),
    )
    made = arn("dynamodb", "table/sessions")
    return Made(
        made,
        lambda: plain(cloud.dynamodb.list_tags_of_resource(ResourceArn=made)["Tags"]),
        lambda: cloud.dynamodb.delete_table(**given),
    )


@maker("bucket")
def bucket(cloud: Cloud, tags: Tags) -> Made:
    given = {"Bucket": "it-tagged"}
    cloud.s3.create_bucket(**given)
    cloud.s3.put_bucket_tagging(**given, Tagging={"TagSet": pairs(tags)})
    return Made(
        "arn:aws:s3:::it-tagged",
        lambda: plain(cloud.s3.get_bucket_tagging(**given)["TagSet"]),
        lambda: cloud.s3.delete_bucket(**given),
    )


def _backup(cloud: Cloud, made: str, delete: Callable[[], object]) -> Made:
    return Made(made, lambda: cloud.backup.list_tags(ResourceArn=made)["Tags"], delete)


@maker("backup vault")
def backup_vault(cloud: Cloud, tags: Tags) -> Made:
    given = {"BackupVaultName": "it"}
    cloud.backup.create_backup_vault(**given, BackupVaultTags=dict(tags))
    return _backup(cloud, arn("backup", "backup-vault:it"), lambda: cloud.backup.delete_backup_vault(**given))


@maker("backup plan")
def backup_plan(cloud: Cloud, tags: Tags) -> Made:
    cloud.backup.create_backup_vault(BackupVaultName="vault")
    plan = {"BackupPlanName": "it", "Rules": [{"RuleName": "daily", "TargetBackupVaultName": "vault"}]}
    made = cloud.backup.create_backup_plan(BackupPlan=plan, BackupPlanTags=dict(tags))["BackupPlanId"]
    delete = lambda: cloud.backup.delete_backup_plan(BackupPlanId=made)  # noqa: E731
    return _backup(cloud, arn("backup", f"backup-plan:{made}"), delete)


@maker("recovery point")
def recovery_point(cloud: Cloud, tags: Tags) -> Made:
    given = {"BackupVaultName": "vault"}
    cloud.backup.create_backup_vault(**given)
    made = cloud.backup.start_backup_job(
        **given,
        ResourceArn=table(cloud, {}).arn,
        IamRoleArn=role(cloud, "backup"),
        RecoveryPointTags=dict(tags),
    )["RecoveryPointArn"]
    return _backup(cloud, made, lambda: cloud.backup.delete_recovery_point(**given, RecoveryPointArn=made))


@maker("secret")
def secret(cloud: Cloud, tags: Tags) -> Made:
    made = cloud.secretsmanager.create_secret(Name="it", SecretString="x", Tags=pairs(tags))["ARN"]
    return Made(
        made,
        lambda: plain(cloud.secretsmanager.describe_secret(SecretId=made)["Tags"]),
        lambda: cloud.secretsmanager.delete_secret(SecretId=made, ForceDeleteWithoutRecovery=True),
    )


@maker("parameter")
def parameter(cloud: Cloud, tags: Tags) -> Made:
    cloud.ssm.put_parameter(Name="/payment/it", Value="1", Type="String", Tags=pairs(tags))
    given = {"ResourceType": "Parameter", "ResourceId": "/payment/it"}
    return Made(
        arn("ssm", "parameter/payment/it"),
        lambda: plain(cloud.ssm.list_tags_for_resource(**given)["TagList"]),
        lambda: cloud.ssm.delete_parameter(Name="/payment/it"),
    )
