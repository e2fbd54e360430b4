"""What is left is found in every kind of collection, and AWS's own defaults are not."""

from collections.abc import Callable
from typing import Any

import pytest

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import ACCOUNT, Cloud
from tests.integration.local_aws.resources import cluster, function, group, network, role

READ: list[Callable[[Cloud], Any]] = [
    lambda cloud: cloud.ec2.describe_vpcs(),
    lambda cloud: cloud.ec2.describe_security_groups(),
    lambda cloud: cloud.kms.list_aliases(),
    lambda cloud: cloud.kms.describe_key(KeyId="alias/aws/ssm"),
    lambda cloud: cloud.iam.list_policies(),
    lambda cloud: cloud.events.list_event_buses(),
    lambda cloud: cloud.rds.describe_db_clusters(),
    lambda cloud: cloud.lambda_.list_functions(),
    lambda cloud: cloud.s3.list_buckets(),
]


def test_what_aws_has_by_itself_is_not_left_over(ours: Cloud, aws: LocalAws) -> None:
    for read in READ:
        read(ours)
    assert aws.leftovers() == {}


def test_what_a_user_made_is_left_over_until_it_is_deleted(ours: Cloud, aws: LocalAws) -> None:
    vpc, subnets = network(ours)
    made = group(ours, vpc)
    bucket = {"Bucket": "payments"}
    ours.s3.create_bucket(**bucket)
    ours.logs.put_query_definition(name="errors", queryString="fields @message")
    found = aws.leftovers()
    assert vpc in found["us-east-1/ec2/vpcs"]
    assert made in found["us-east-1/ec2/groups"]
    assert sorted(subnets) == found["us-east-1/ec2/subnets"]
    assert found["aws/s3/buckets"] == ["payments"]
    assert len(found["us-east-1/logs/query_definitions"]) == 1
    ours.ec2.delete_security_group(GroupId=made)
    for subnet in subnets:
        ours.ec2.delete_subnet(SubnetId=subnet)
    ours.ec2.delete_vpc(VpcId=vpc)
    ours.s3.delete_bucket(**bucket)
    definition = ours.logs.describe_query_definitions()["queryDefinitions"][0]["queryDefinitionId"]
    ours.logs.delete_query_definition(queryDefinitionId=definition)
    assert aws.leftovers() == {}


def test_managed_password_of_a_cluster_is_left_over_as_long_as_the_cluster(ours: Cloud, aws: LocalAws) -> None:
    cluster(ours, ManageMasterUserPassword=True)
    assert "us-east-1/secretsmanager/secrets" in aws.leftovers()
    ours.rds.delete_db_cluster(DBClusterIdentifier="ledger", SkipFinalSnapshot=True)
    assert aws.leftovers() == {}


def test_key_that_waits_for_its_deletion_is_gone(ours: Cloud, aws: LocalAws) -> None:
    key = ours.kms.create_key()["KeyMetadata"]["KeyId"]
    assert aws.leftovers() == {"us-east-1/kms/keys": [key]}
    ours.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert aws.leftovers() == {}


def test_functions_and_schedules_are_left_over_in_their_region(ours: Cloud, aws: LocalAws) -> None:
    for cloud in (ours, ours.other):
        made = function(cloud, FunctionName=f"payments-{cloud.region}")["FunctionArn"]
        cloud.scheduler.create_schedule(
            Name="relay",
            ScheduleExpression="rate(1 hour)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": made, "RoleArn": role(cloud, "scheduler")},
        )
        found = aws.leftovers()
        assert found[f"{cloud.region}/lambda/functions"] == [f"payments-{cloud.region}"]
        assert found[f"{cloud.region}/scheduler/schedules"] == [
            f"arn:aws:scheduler:{cloud.region}:{ACCOUNT}:schedule/default/relay"
        ]
        cloud.lambda_.delete_function(FunctionName=f"payments-{cloud.region}")
        cloud.scheduler.delete_schedule(Name="relay")
        for name in ("lambda", "scheduler"):
            _delete_role(cloud, f"{name}-role")
    assert aws.leftovers() == {}


def _delete_role(cloud: Cloud, name: str) -> None:
    for policy in cloud.iam.list_role_policies(RoleName=name)["PolicyNames"]:
        cloud.iam.delete_role_policy(RoleName=name, PolicyName=policy)
    cloud.iam.delete_role(RoleName=name)


@pytest.mark.parametrize("recovery", [{"ForceDeleteWithoutRecovery": True}, {"RecoveryWindowInDays": 7}])
def test_secret_is_gone_only_without_a_recovery_window(ours: Cloud, aws: LocalAws, recovery: dict[str, Any]) -> None:
    ours.secretsmanager.create_secret(Name="password", SecretString="x")
    ours.secretsmanager.delete_secret(SecretId="password", **recovery)
    left = {"us-east-1/secretsmanager/secrets": ["password"]} if "RecoveryWindowInDays" in recovery else {}
    assert aws.leftovers() == left
