"""Lists that are read page by page or by owner, and what is left after a deletion: as AWS gives them."""

import json
from typing import Any

from tests.integration.local_aws.conftest import REGION, Cloud, Clouds, outcome
from tests.integration.local_aws.resources import cluster, function, policy, role
from tests.integration.local_aws.taggable import arn, pairs
from tests.integration.local_aws.taggable_data import table

TRUST = json.loads(policy("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"}))
del TRUST["Statement"][0]["Resource"]


def _roles(cloud: Cloud, count: int) -> None:
    for number in range(count):
        tags = pairs({"Number": str(number)})
        cloud.iam.create_role(RoleName=f"r{number}", AssumeRolePolicyDocument=json.dumps(TRUST), Tags=tags)


def test_account_authorization_details_in_pages(clouds: Clouds) -> None:
    def pages(cloud: Cloud) -> object:
        _roles(cloud, 5)
        paginator = cloud.iam.get_paginator("get_account_authorization_details")
        read = paginator.paginate(Filter=["Role"], PaginationConfig={"PageSize": 2})
        return [[one["RoleName"] for one in page["RoleDetailList"]] for page in read]

    clouds.mends(pages, [["r0", "r1"], ["r2", "r3"], ["r4"]])


def test_account_authorization_details_have_what_a_role_is(ours: Cloud) -> None:
    _roles(ours, 1)
    ours.iam.put_role_policy(RoleName="r0", PolicyName="inline", PolicyDocument=policy("s3:ListBucket"))
    own = ours.iam.create_policy(PolicyName="own", PolicyDocument=policy("s3:GetObject"))["Policy"]["Arn"]
    ours.iam.attach_role_policy(RoleName="r0", PolicyArn=own)
    found = ours.iam.get_account_authorization_details(Filter=["Role", "LocalManagedPolicy"])
    [one] = found["RoleDetailList"]
    assert one["Tags"] == pairs({"Number": "0"})
    assert one["CreateDate"] == ours.iam.get_role(RoleName="r0")["Role"]["CreateDate"]
    assert one["AssumeRolePolicyDocument"] == TRUST
    assert [inline["PolicyName"] for inline in one["RolePolicyList"]] == ["inline"]
    assert [attached["PolicyArn"] for attached in one["AttachedManagedPolicies"]] == [own]
    assert [local["Arn"] for local in found["Policies"]] == [own]
    assert found["IsTruncated"] is False


def test_role_deleted_between_two_pages_hides_no_other(ours: Cloud) -> None:
    _roles(ours, 4)
    first = ours.iam.get_account_authorization_details(Filter=["Role"], MaxItems=2)
    ours.iam.delete_role(RoleName="r0")
    rest = ours.iam.get_account_authorization_details(Filter=["Role"], MaxItems=2, Marker=first["Marker"])
    assert [one["RoleName"] for one in rest["RoleDetailList"]] == ["r2", "r3"]


def test_archives_in_pages(clouds: Clouds) -> None:
    def pages(cloud: Cloud) -> object:
        bus = cloud.events.create_event_bus(Name="it")["EventBusArn"]
        for name in "abc":
            cloud.events.create_archive(ArchiveName=name, EventSourceArn=bus)
        first = cloud.events.list_archives(Limit=2)
        second = cloud.events.list_archives(Limit=2, NextToken=first["NextToken"])
        return [[one["ArchiveName"] for one in page["Archives"]] for page in (first, second)]

    def safely(cloud: Cloud) -> object:
        try:
            return pages(cloud)
        except KeyError:
            return "no token"

    clouds.mends(safely, [["a", "b"], ["c"]])


def test_event_source_mappings_by_name_and_arn_of_the_function(clouds: Clouds) -> None:
    def listed(cloud: Cloud) -> object:
        cloud.sqs.create_queue(QueueName="source")
        made = function(cloud)["FunctionArn"]
        cloud.iam.put_role_policy(RoleName="lambda-role", PolicyName="sqs", PolicyDocument=policy("sqs:*"))
        cloud.lambda_.create_event_source_mapping(FunctionName=made, EventSourceArn=arn("sqs", "source"))
        return [
            len(cloud.lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"])
            for name in (made, "payments", f"{made}:live", made.replace("payments", "payment"))
        ]

    clouds.mends(listed, [1, 1, 0, 0])


def test_event_source_mapping_that_does_not_exist(clouds: Clouds) -> None:
    def deleted(cloud: Cloud) -> object:
        cloud.lambda_.delete_event_source_mapping(UUID="00000000-0000-0000-0000-000000000000")
        return "no error"

    clouds.mends(deleted, "ResourceNotFoundException")


def test_tags_of_a_log_group_that_does_not_exist(clouds: Clouds) -> None:
    def tags(cloud: Cloud) -> object:
        return cloud.logs.list_tags_for_resource(resourceArn=arn("logs", "log-group:/gone"))["tags"]

    clouds.mends(tags, "ResourceNotFoundException")


def test_log_group_that_is_made_again_has_no_tags(clouds: Clouds) -> None:
    """As Lambda and RDS make theirs again after a destroy."""

    def tags(cloud: Cloud) -> object:
        cloud.logs.create_log_group(logGroupName="/it", tags={"E": "pr-1"})
        cloud.logs.delete_log_group(logGroupName="/it")
        cloud.logs.create_log_group(logGroupName="/it")
        return cloud.logs.list_tags_for_resource(resourceArn=arn("logs", "log-group:/it"))["tags"]

    clouds.mends(tags, {})


def test_gateway_endpoint_by_default(clouds: Clouds) -> None:
    def life(cloud: Cloud) -> object:
        vpc = cloud.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made = cloud.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3")["VpcEndpoint"]
        cloud.ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
        return made["VpcEndpointType"]

    clouds.mends(life, "Gateway")


def test_recovery_points_on_demand(clouds: Clouds) -> None:
    """A vault cannot go while it holds one; its tags go with it."""

    def life(cloud: Cloud) -> object:
        vault = {"BackupVaultName": "vault"}
        cloud.backup.create_backup_vault(**vault)
        backed_up = {"ResourceArn": table(cloud, {}).arn, "IamRoleArn": role(cloud, "backup")}
        job = cloud.backup.start_backup_job(**vault, **backed_up, RecoveryPointTags={"E": "pr-1"})
        state = cloud.backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"]
        point = {**vault, "RecoveryPointArn": job["RecoveryPointArn"]}
        listed = cloud.backup.list_recovery_points_by_backup_vault(**vault, ByResourceArn=backed_up["ResourceArn"])
        count = cloud.backup.describe_backup_vault(**vault)["NumberOfRecoveryPoints"]
        blocked = outcome(lambda one: one.backup.delete_backup_vault(**vault), cloud)
        cloud.backup.delete_recovery_point(**point)
        gone = outcome(lambda one: one.backup.describe_recovery_point(**point), cloud)
        cloud.backup.delete_backup_vault(**vault)
        arns = [one["RecoveryPointArn"] == job["RecoveryPointArn"] for one in listed["RecoveryPoints"]]
        return state, arns, count, blocked, gone

    clouds.mends(life, ("COMPLETED", [True], 1, "InvalidRequestException", "ResourceNotFoundException"))


def test_recovery_points_of_a_resource(ours: Cloud) -> None:
    vault, made = {"BackupVaultName": "vault"}, table(ours, {}).arn
    ours.backup.create_backup_vault(**vault)
    job = ours.backup.start_backup_job(**vault, ResourceArn=made, IamRoleArn=role(ours, "backup"))
    found = ours.backup.list_recovery_points_by_resource(ResourceArn=made)["RecoveryPoints"]
    assert [one["RecoveryPointArn"] for one in found] == [job["RecoveryPointArn"]]
    assert ours.backup.list_recovery_points_by_resource(ResourceArn=f"{made}-other")["RecoveryPoints"] == []


def test_automated_backup_outlives_its_cluster_only_if_asked(clouds: Clouds) -> None:
    def life(cloud: Cloud) -> object:
        def backups() -> list[str]:
            found: list[dict[str, Any]] = cloud.rds.describe_db_cluster_automated_backups()["DBClusterAutomatedBackups"]
            return [one["Status"] for one in found]

        seen = []
        for kept in (False, True):
            cluster(cloud, Engine="aurora-postgresql", MasterUsername="payments")
            seen.append(backups())
            cloud.rds.delete_db_cluster(
                DBClusterIdentifier="ledger", SkipFinalSnapshot=True, DeleteAutomatedBackups=not kept
            )
            seen.append(backups())
        [left] = cloud.rds.describe_db_cluster_automated_backups()["DBClusterAutomatedBackups"]
        identity = {"DbClusterResourceId": left["DbClusterResourceId"]}
        cloud.rds.delete_db_cluster_automated_backup(**identity)
        again = outcome(lambda one: one.rds.delete_db_cluster_automated_backup(**identity), cloud)
        return [*seen, backups(), again]

    clouds.mends(life, [["active"], [], ["active"], ["retained"], [], "DBClusterAutomatedBackupNotFoundFault"])


def test_instance_of_a_cluster_has_no_snapshots_of_its_own(clouds: Clouds) -> None:
    def snapshots(cloud: Cloud) -> object:
        cluster(cloud, Engine="aurora-postgresql", MasterUsername="payments")
        named = {"DBInstanceIdentifier": "one", "DBClusterIdentifier": "ledger", "DBInstanceClass": "db.r5.large"}
        cloud.rds.create_db_instance(**named, Engine="aurora-postgresql")
        found = cloud.rds.describe_db_snapshots()["DBSnapshots"]
        cloud.rds.delete_db_instance(DBInstanceIdentifier="one", SkipFinalSnapshot=True)
        return found

    clouds.mends(snapshots, [])


def test_final_snapshot_keeps_the_tags_of_its_cluster(ours: Cloud) -> None:
    """It outlives the cluster, is found by its tags, and can be deleted."""
    tags = pairs({"E": "pr-1"})
    cluster(ours, Engine="aurora-postgresql", MasterUsername="payments", CopyTagsToSnapshot=True, Tags=tags)
    ours.rds.delete_db_cluster(DBClusterIdentifier="ledger", FinalDBSnapshotIdentifier="last")
    found = ours.rds.describe_db_cluster_snapshots(DBClusterIdentifier="ledger", SnapshotType="manual")
    [snapshot] = found["DBClusterSnapshots"]
    assert (snapshot["DBClusterSnapshotIdentifier"], snapshot["TagList"]) == ("last", tags)
    tagged = ours.resourcegroupstaggingapi.get_resources(TagFilters=[{"Key": "E"}])["ResourceTagMappingList"]
    assert [one["ResourceARN"] for one in tagged] == [snapshot["DBClusterSnapshotArn"]]
    ours.rds.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="last")
    assert ours.rds.describe_db_cluster_snapshots()["DBClusterSnapshots"] == []
