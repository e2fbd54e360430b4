"""AWS Backup keeps data, and restores them beside what they are of."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from local_aws.server import LocalAws
from tests.integration.local_aws.backup_jobs import (
    PASSWORD,
    RESTORE_TABLES,
    VAULT,
    add_instance,
    back_up,
    eventually,
    fast_local_aws,
    ids,
    next_event,
    prepare,
    put,
    query,
    refused,
    restored,
    table_arn,
)
from tests.integration.local_aws.conftest import Cloud
from tests.integration.local_aws.resources import policy, role

RESTORE_CLUSTERS = ("rds:RestoreDBClusterFromSnapshot", "rds:DescribeDBClusters")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with fast_local_aws(tmp_path_factory.mktemp("backups")) as running:
        yield running


@pytest.fixture(scope="module")
def connected(server: LocalAws) -> Cloud:
    return Cloud(server.endpoint_url)


@pytest.fixture
def cloud(server: LocalAws, connected: Cloud) -> Cloud:
    """A Region with a vault, a table, and a queue of events."""
    server.reset()
    prepare(connected)
    return connected


def counted(cloud: Cloud, metric: str) -> float:
    """The sum of a metric of the vault in the last hour."""
    now = datetime.now(UTC)
    found = cloud.cloudwatch.get_metric_statistics(
        Namespace="AWS/Backup",
        MetricName=metric,
        Dimensions=[{"Name": "BackupVaultName", "Value": VAULT["BackupVaultName"]}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum"],
    )
    return sum(float(point["Sum"]) for point in found["Datapoints"])


def test_a_table_is_restored_as_it_was_when_it_was_backed_up(cloud: Cloud) -> None:
    backup_role = role(cloud, "backup", RESTORE_TABLES)
    point = back_up(cloud)
    put(cloud, "after")
    told = cloud.backup.get_recovery_point_restore_metadata(**VAULT, RecoveryPointArn=point)
    assert told["ResourceType"] == "DynamoDB"
    assert told["RestoreMetadata"]["originalTableName"] == "sessions"
    job = restored(cloud, point, backup_role, targetTableName="again", encryptionType="Default")
    assert (job["Status"], job["CreatedResourceArn"]) == ("COMPLETED", table_arn("again"))
    assert (ids(cloud, "again"), ids(cloud, "sessions")) == ({"before"}, {"before", "after"})
    listed = cloud.backup.list_restore_jobs(ByStatus="COMPLETED", ByResourceType="DynamoDB")["RestoreJobs"]
    assert [one["RestoreJobId"] for one in listed] == [job["RestoreJobId"]]
    of_table = cloud.backup.list_restore_jobs_by_protected_resource(ResourceArn=table_arn("sessions"))
    assert len(of_table["RestoreJobs"]) == 1
    metadata = cloud.backup.get_restore_job_metadata(RestoreJobId=job["RestoreJobId"])["Metadata"]
    assert metadata["targetTableName"] == "again"
    (backup,) = cloud.backup.list_backup_jobs(ByResourceArn=table_arn("sessions"), ByState="COMPLETED")["BackupJobs"]
    assert (backup["RecoveryPointArn"], backup["BackupVaultName"]) == (point, "vault")


def test_jobs_are_told_on_the_default_bus(cloud: Cloud) -> None:
    backup_role = role(cloud, "backup", RESTORE_TABLES)
    point = back_up(cloud)
    event = next_event(cloud, "Backup Job State Change")
    assert event["resources"] == [point]
    assert (event["detail"]["state"], event["detail"]["resourceType"]) == ("COMPLETED", "DynamoDB")
    job = restored(cloud, point, backup_role, targetTableName="again")
    event = next_event(cloud, "Restore Job State Change")
    assert (event["source"], event["resources"]) == ("aws.backup", [point])
    detail = event["detail"]
    assert (detail["restoreJobId"], detail["status"]) == (job["RestoreJobId"], "COMPLETED")
    assert (detail["createdResourceArn"], detail["sourceResourceArn"]) == (table_arn("again"), table_arn("sessions"))
    assert "restoreTestingPlanArn" not in detail
    assert int(detail["backupSizeInBytes"]) > 0
    assert eventually(lambda: counted(cloud, "NumberOfBackupJobsCompleted")) == 1
    assert eventually(lambda: counted(cloud, "NumberOfRestoreJobsCompleted")) == 1


def test_what_cannot_be_restored_fails_with_the_reason(cloud: Cloud) -> None:
    backup_role = role(cloud, "backup", RESTORE_TABLES)
    point = back_up(cloud)
    taken = restored(cloud, point, backup_role, targetTableName="sessions")
    assert (taken["Status"], taken["StatusMessage"]) == ("FAILED", "Table already exists: sessions")
    assert next_event(cloud, "Restore Job State Change")["detail"]["status"] == "FAILED"
    assert eventually(lambda: counted(cloud, "NumberOfRestoreJobsFailed")) == 1
    cloud.iam.put_role_policy(RoleName="backup-role", PolicyName="it", PolicyDocument=policy("dynamodb:Scan"))
    denied = restored(cloud, point, backup_role, targetTableName="again")
    assert denied["StatusMessage"] == (
        f"{backup_role} is not authorized to perform: dynamodb:RestoreTableFromAwsBackup on resource: "
        f"{table_arn('again')}"
    )
    start = cloud.backup.start_restore_job
    given = {"RecoveryPointArn": point, "IamRoleArn": backup_role}
    invalid = "InvalidParameterValueException"
    assert refused(lambda: start(**given, Metadata={"encryptionType": "Default"})) == invalid
    other = role(cloud, "events")
    assert refused(lambda: start(**{**given, "IamRoleArn": other}, Metadata={"targetTableName": "t"})) == invalid
    given["RecoveryPointArn"] += "-other"
    assert refused(lambda: start(**given, Metadata={"targetTableName": "t"})) == "ResourceNotFoundException"
    assert refused(lambda: cloud.backup.describe_restore_job(RestoreJobId="none")) == "ResourceNotFoundException"
    invalid_job = refused(lambda: cloud.backup.start_backup_job(**VAULT, ResourceArn=table_arn("no"), IamRoleArn=other))
    assert invalid_job == invalid


def test_a_cluster_is_restored_with_its_data_and_without_instances(cloud: Cloud, server: LocalAws) -> None:
    backup_role = role(cloud, "backup", *RESTORE_CLUSTERS)
    made = cloud.rds.create_db_cluster(
        DBClusterIdentifier="ledger",
        Engine="aurora-postgresql",
        EngineVersion="17.7",
        DatabaseName="payments",
        MasterUsername="payment_master",
        MasterUserPassword=PASSWORD,
    )["DBCluster"]
    endpoint = add_instance(cloud, "ledger")
    query(server, endpoint, "CREATE TABLE entries AS SELECT 1 AS number")
    point = back_up(cloud, made["DBClusterArn"])
    query(server, endpoint, "INSERT INTO entries VALUES (2)")
    (snapshot,) = cloud.rds.describe_db_cluster_snapshots(SnapshotType="awsbackup")["DBClusterSnapshots"]
    assert snapshot["DBClusterSnapshotArn"] == point
    told = cloud.backup.get_recovery_point_restore_metadata(**VAULT, RecoveryPointArn=point)["RestoreMetadata"]
    assert (told["DBClusterIdentifier"], told["Engine"], told["Port"]) == ("ledger", "aurora-postgresql", "5432")
    job = restored(
        cloud, point, backup_role, dbClusterIdentifier="again", engine=told["Engine"], copyTagsToSnapshot="true"
    )
    assert (job["Status"], job["ResourceType"]) == ("COMPLETED", "Aurora")
    (cluster,) = cloud.rds.describe_db_clusters(DBClusterIdentifier="again")["DBClusters"]
    assert (cluster["DBClusterArn"], cluster["DBClusterMembers"]) == (job["CreatedResourceArn"], [])
    assert cluster["CopyTagsToSnapshot"] is True
    assert query(server, add_instance(cloud, "again"), "SELECT number FROM entries") == [(1,)]
    taken = restored(cloud, point, backup_role, DBClusterIdentifier="again", Engine=told["Engine"])
    assert (taken["Status"], taken["StatusMessage"]) == ("FAILED", "DB Cluster already exists")
    cloud.iam.put_role_policy(RoleName="backup-role", PolicyName="it", PolicyDocument=policy("rds:DescribeDBClusters"))
    denied = restored(cloud, point, backup_role, DBClusterIdentifier="third", Engine=told["Engine"])
    assert "not authorized to perform: rds:RestoreDBClusterFromSnapshot" in denied["StatusMessage"]
    cloud.backup.delete_recovery_point(**VAULT, RecoveryPointArn=point)
    assert cloud.rds.describe_db_cluster_snapshots(SnapshotType="awsbackup")["DBClusterSnapshots"] == []
