"""What AWS refuses is refused, with AWS's error code, where plain moto accepts it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.local_aws.conftest import ACCOUNT, REGION, Cloud, Clouds
from tests.integration.local_aws.resources import cluster, function, group, network, policy

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/missing"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:missing"
GROUP = "sg-0123456789abcdef0"
POSTGRESQL = {"Engine": "aurora-postgresql", "EngineVersion": "17.7", "MasterUsername": "payments"}


def _log_group(cloud: Cloud) -> None:
    key = cloud.kms.create_key(Policy=policy("kms:*", Principal={"AWS": "*"}))["KeyMetadata"]["Arn"]
    cloud.logs.create_log_group(logGroupName="payments", kmsKeyId=key)


def _function_in_vpc(cloud: Cloud, **more: Any) -> tuple[str, list[str], str]:
    vpc, subnets = network(cloud)
    function_group = group(cloud, vpc)
    function(cloud, VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [function_group]}, **more)
    return vpc, subnets, function_group


def _function_without_permissions(cloud: Cloud) -> None:
    def take_away_permissions(arn: str) -> None:
        cloud.iam.delete_role_policy(RoleName=arn.rpartition("/")[2], PolicyName="it")

    arn = function(cloud)["Role"]
    take_away_permissions(arn)
    vpc, subnets = network(cloud)
    cloud.lambda_.update_function_configuration(
        FunctionName="payments", VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [group(cloud, vpc)]}
    )


def _missing_role(cloud: Cloud) -> None:
    function(cloud)
    cloud.lambda_.update_function_configuration(FunctionName="payments", Role=ROLE)


def _dead_letters_to_nowhere(cloud: Cloud) -> None:
    function(cloud, DeadLetterConfig={"TargetArn": TOPIC})


def _table(cloud: Cloud, **more: Any) -> None:
    given = {"TableName": "sessions", "BillingMode": "PAY_PER_REQUEST"} | more
    attribute = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
    cloud.dynamodb.create_table(**given, **attribute, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])


def _cname_at_apex(cloud: Cloud) -> None:
    zone = cloud.route53.create_hosted_zone(Name="example.org", CallerReference="1")["HostedZone"]["Id"]
    record = {"Name": "example.org", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "a.example.net"}]}
    change = {"Action": "CREATE", "ResourceRecordSet": record}
    cloud.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})


def _subnet_group_of_one_zone(cloud: Cloud) -> None:
    _, subnets = network(cloud)
    cloud.rds.create_db_subnet_group(DBSubnetGroupName="db", DBSubnetGroupDescription="d", SubnetIds=subnets[:1])


def _parameters_of_another_family(cloud: Cloud) -> None:
    name = {"DBClusterParameterGroupName": "other"}
    cloud.rds.create_db_cluster_parameter_group(**name, DBParameterGroupFamily="aurora-postgresql16", Description="d")
    cluster(cloud, EngineVersion="8.0.mysql_aurora.3.10.0", **name)


def _parameters_of_mysql(cloud: Cloud) -> None:
    name = {"DBClusterParameterGroupName": "mysql"}
    cloud.rds.create_db_cluster_parameter_group(**name, DBParameterGroupFamily="aurora-mysql8.0", Description="d")
    cluster(cloud, **POSTGRESQL, **name)


def _delete_group_that_a_rule_names(cloud: Cloud) -> None:
    vpc, _ = network(cloud)
    source, target = group(cloud, vpc), group(cloud, vpc, "database")
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": source}]}
    cloud.ec2.authorize_security_group_ingress(GroupId=target, IpPermissions=[permission])
    cloud.ec2.delete_security_group(GroupId=source)


def _delete_subnet_of_a_cluster(cloud: Cloud) -> None:
    _, subnets = network(cloud)
    cloud.rds.create_db_subnet_group(DBSubnetGroupName="db", DBSubnetGroupDescription="d", SubnetIds=subnets)
    cluster(cloud, DBSubnetGroupName="db")
    cloud.ec2.delete_subnet(SubnetId=subnets[0])


def _detach_gateway_under_nat(cloud: Cloud) -> None:
    vpc, subnets = network(cloud)
    gateway = cloud.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    cloud.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    address = cloud.ec2.allocate_address(Domain="vpc")["AllocationId"]
    cloud.ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)
    cloud.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)


def _delete_vpc_with_a_group(cloud: Cloud) -> None:
    vpc = cloud.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group(cloud, vpc)
    cloud.ec2.delete_vpc(VpcId=vpc)


def _plan_for_missing_vault(cloud: Cloud) -> None:
    rules = [{"RuleName": "daily", "TargetBackupVaultName": "missing"}]
    cloud.backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": rules})


REFUSED: dict[str, tuple[Callable[[Cloud], object], str]] = {
    "Lambda name of 65 characters": (lambda cloud: function(cloud, FunctionName="f" * 65), "ValidationException"),
    "Lambda role that is missing": (_missing_role, "InvalidParameterValueException"),
    "Lambda key that is missing": (lambda cloud: function(cloud, KMSKeyArn=KEY), "InvalidParameterValueException"),
    "Lambda subnet that is missing": (
        lambda cloud: function(cloud, VpcConfig={"SubnetIds": ["subnet-0"], "SecurityGroupIds": [GROUP]}),
        "InvalidParameterValueException",
    ),
    "Lambda role that may not use the VPC": (_function_without_permissions, "InvalidParameterValueException"),
    "Lambda dead letters to what is missing": (_dead_letters_to_nowhere, "InvalidParameterValueException"),
    "cluster id of 64 characters": (
        lambda cloud: cluster(cloud, DBClusterIdentifier="c" * 64),
        "InvalidParameterValue",
    ),
    "cluster id with two hyphens": (lambda cloud: cluster(cloud, DBClusterIdentifier="a--b"), "InvalidParameterValue"),
    "cluster key that is missing": (lambda cloud: cluster(cloud, KmsKeyId=KEY), "KMSKeyNotAccessibleFault"),
    "cluster group that is missing": (
        lambda cloud: cluster(cloud, VpcSecurityGroupIds=[GROUP]),
        "InvalidParameterValue",
    ),
    "cluster subnet group that is missing": (
        lambda cloud: cluster(cloud, DBSubnetGroupName="missing"),
        "DBSubnetGroupNotFoundFault",
    ),
    "PostgreSQL version that does not exist": (
        lambda cloud: cluster(cloud, **{**POSTGRESQL, "EngineVersion": "17.1"}),
        "InvalidParameterCombination",
    ),
    "PostgreSQL master user called admin": (
        lambda cloud: cluster(cloud, **{**POSTGRESQL, "MasterUsername": "admin"}),
        "InvalidParameterValue",
    ),
    "PostgreSQL master user called like a predefined role": (
        lambda cloud: cluster(cloud, **{**POSTGRESQL, "MasterUsername": "pg_master"}),
        "InvalidParameterValue",
    ),
    "master user called like that of RDS": (
        lambda cloud: cluster(cloud, MasterUsername="rdsadmin"),
        "InvalidParameterValue",
    ),
    "PostgreSQL with MySQL's logs": (
        lambda cloud: cluster(cloud, **POSTGRESQL, EnableCloudwatchLogsExports=["postgresql", "slowquery"]),
        "InvalidParameterCombination",
    ),
    "PostgreSQL with MySQL's parameters": (_parameters_of_mysql, "InvalidParameterCombination"),
    "engine version that does not exist": (
        lambda cloud: cluster(cloud, EngineVersion="8.0.mysql_aurora.3.01.0"),
        "InvalidParameterCombination",
    ),
    "backups kept for 36 days": (lambda cloud: cluster(cloud, BackupRetentionPeriod=36), "InvalidParameterValue"),
    "parameter group of another family": (_parameters_of_another_family, "InvalidParameterCombination"),
    "subnet group of one zone": (_subnet_group_of_one_zone, "DBSubnetGroupDoesNotCoverEnoughAZs"),
    "table name of 256 characters": (lambda cloud: _table(cloud, TableName="t" * 256), "ValidationException"),
    "table key that is missing": (
        lambda cloud: _table(cloud, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}),
        "ValidationException",
    ),
    "bucket name in upper case": (lambda cloud: cloud.s3.create_bucket(Bucket="Payments-Logs"), "InvalidBucketName"),
    "CNAME at the apex": (_cname_at_apex, "InvalidChangeBatch"),
    "key deletion in three days": (
        lambda cloud: cloud.kms.schedule_key_deletion(
            KeyId=cloud.kms.create_key()["KeyMetadata"]["KeyId"], PendingWindowInDays=3
        ),
        "ValidationException",
    ),
    "log group with a key closed to logs": (_log_group, "InvalidParameterException"),
    "SecureString with a key that is missing": (
        lambda cloud: cloud.ssm.put_parameter(Name="/a", Value="b", Type="SecureString", KeyId=KEY),
        "InvalidKeyId",
    ),
    "vault key that is missing": (
        lambda cloud: cloud.backup.create_backup_vault(BackupVaultName="vault", EncryptionKeyArn=KEY),
        "InvalidParameterValueException",
    ),
    "plan for a vault that is missing": (_plan_for_missing_vault, "InvalidParameterValueException"),
    "deletion of a function's group": (
        lambda cloud: cloud.ec2.delete_security_group(GroupId=_function_in_vpc(cloud)[2]),
        "DependencyViolation",
    ),
    "deletion of a function's subnet": (
        lambda cloud: cloud.ec2.delete_subnet(SubnetId=_function_in_vpc(cloud)[1][0]),
        "DependencyViolation",
    ),
    "deletion of a cluster's subnet": (_delete_subnet_of_a_cluster, "DependencyViolation"),
    "deletion of a group that a rule names": (_delete_group_that_a_rule_names, "DependencyViolation"),
    "detaching a gateway under a NAT gateway": (_detach_gateway_under_nat, "DependencyViolation"),
    "deletion of a VPC with a group": (_delete_vpc_with_a_group, "DependencyViolation"),
    "role name of 65 characters": (
        lambda cloud: cloud.iam.create_role(RoleName="r" * 65, AssumeRolePolicyDocument=policy("sts:AssumeRole")),
        "ValidationError",
    ),
    "rule name of 65 characters": (
        lambda cloud: cloud.events.put_rule(Name="r" * 65, EventPattern='{"source":["a"]}'),
        "ValidationException",
    ),
}


@pytest.mark.parametrize(("asked", "code"), REFUSED.values(), ids=REFUSED)
def test_refused_as_aws_does(clouds: Clouds, asked: Callable[[Cloud], object], code: str) -> None:
    clouds.mends(asked, code)


def test_composite_alarm_of_a_missing_alarm(clouds: Clouds) -> None:
    with pytest.raises(clouds.ours.cloudwatch.exceptions.ClientError, match="missing"):
        clouds.ours.cloudwatch.put_composite_alarm(AlarmName="service", AlarmRule="ALARM(missing) OR ALARM(other)")
