"""AWS Backup keeps data, restores them beside what they are of, and tests restores by a plan."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import ACCOUNT, REGION, Cloud
from tests.integration.local_aws.resources import policy, role

HOUR_A_SECOND = 3600
SECONDS = 30
VAULT = {"BackupVaultName": "vault"}
TEST_NAME = "awsbackup-restore-test-"
RESTORES = ("dynamodb:*",)


def eventually(check: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + SECONDS
    while not (value := check()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return value


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS in which an hour of a schedule passes in a second."""
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LOCAL_AWS_SCHEDULE_SPEED", str(HOUR_A_SECOND))
            started = running.enter_context(LocalAws.started(tmp_path_factory.mktemp("backups")))
        yield started


@pytest.fixture(scope="module")
def connected(server: LocalAws) -> Cloud:
    return Cloud(server.endpoint_url)


@pytest.fixture
def cloud(server: LocalAws, connected: Cloud) -> Cloud:
    """A Region with a vault, a table of one item, and a queue that gets all events of AWS Backup."""
    server.reset()
    connected.backup.create_backup_vault(**VAULT)
    connected.dynamodb.create_table(
        TableName="sessions",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    put(connected, "before")
    queue = connected.sqs.create_queue(QueueName="events")["QueueUrl"]
    rule = connected.events.put_rule(Name="backup", EventPattern=json.dumps({"source": ["aws.backup"]}))["RuleArn"]
    allowed = {"Principal": {"Service": "events.amazonaws.com"}, "Condition": {"ArnEquals": {"aws:SourceArn": rule}}}
    connected.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy("sqs:SendMessage", **allowed)})
    target = f"arn:aws:sqs:{REGION}:{ACCOUNT}:events"
    connected.events.put_targets(Rule="backup", Targets=[{"Id": "queue", "Arn": target}])
    return connected


def put(cloud: Cloud, identity: str) -> None:
    cloud.dynamodb.put_item(TableName="sessions", Item={"id": {"S": identity}})


def ids(cloud: Cloud, table: str) -> set[str]:
    return {item["id"]["S"] for item in cloud.dynamodb.scan(TableName=table)["Items"]}


def table_arn(name: str) -> str:
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"


def back_up(cloud: Cloud, arn: str = table_arn("sessions")) -> str:
    """The recovery point of a job that has completed."""
    backup_role = f"arn:aws:iam::{ACCOUNT}:role/backup-role"
    job = cloud.backup.start_backup_job(**VAULT, ResourceArn=arn, IamRoleArn=backup_role)

    def state() -> Any:
        found = cloud.backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"]
        return found if found != "RUNNING" else None

    assert eventually(state) == "COMPLETED"
    return str(job["RecoveryPointArn"])


def restored(cloud: Cloud, point: str, backup_role: str, **metadata: str) -> dict[str, Any]:
    """A restore job that has ended."""
    job = cloud.backup.start_restore_job(RecoveryPointArn=point, IamRoleArn=backup_role, Metadata=metadata)
    return ended(cloud, job["RestoreJobId"])


def ended(cloud: Cloud, job: str) -> dict[str, Any]:
    def described() -> Any:
        found = cloud.backup.describe_restore_job(RestoreJobId=job)
        return found if found["Status"] != "RUNNING" else None

    found: dict[str, Any] = eventually(described)
    return found


def removed(cloud: Cloud, job: str) -> dict[str, Any]:
    """A restore job, once what it has made is gone."""

    def described() -> Any:
        found = cloud.backup.describe_restore_job(RestoreJobId=job)
        return found if found.get("DeletionStatus") == "SUCCESSFUL" else None

    found: dict[str, Any] = eventually(described)
    return found


def next_event(cloud: Cloud, kind: str) -> dict[str, Any]:
    """The next event of this kind; others before it are dropped."""
    queue = cloud.sqs.get_queue_url(QueueName="events")["QueueUrl"]

    def received() -> Any:
        for message in cloud.sqs.receive_message(QueueUrl=queue).get("Messages", []):
            cloud.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            event = json.loads(message["Body"])
            if event["detail-type"] == kind:
                return event
        return None

    found: dict[str, Any] = eventually(received)
    return found


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return str(error.value.response["Error"]["Code"])


def test_a_table_is_restored_as_it_was_when_it_was_backed_up(cloud: Cloud) -> None:
    backup_role = role(cloud, "backup", *RESTORES)
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
    backup_role = role(cloud, "backup", *RESTORES)
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


def test_what_cannot_be_restored_fails_with_the_reason(cloud: Cloud) -> None:
    backup_role = role(cloud, "backup", *RESTORES)
    point = back_up(cloud)
    taken = restored(cloud, point, backup_role, targetTableName="sessions")
    assert (taken["Status"], taken["StatusMessage"]) == ("FAILED", "Table already exists: sessions")
    assert next_event(cloud, "Restore Job State Change")["detail"]["status"] == "FAILED"
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


def plan(**changes: Any) -> dict[str, Any]:
    selected = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"]}
    hourly = {"RestoreTestingPlanName": "hourly", "ScheduleExpression": "cron(0 * ? * * *)"}
    return {**hourly, "RecoveryPointSelection": selected, **changes}


def selection(backup_role: str, **changes: Any) -> dict[str, Any]:
    return {
        "RestoreTestingSelectionName": "tables",
        "ProtectedResourceType": "DynamoDB",
        "ProtectedResourceArns": [table_arn("sessions")],
        "IamRoleArn": backup_role,
        "ValidationWindowHours": 168,
        **changes,
    }


def stop_testing(cloud: Cloud) -> None:
    cloud.backup.delete_restore_testing_selection(RestoreTestingPlanName="hourly", RestoreTestingSelectionName="tables")
    cloud.backup.delete_restore_testing_plan(RestoreTestingPlanName="hourly")


def test_a_plan_restores_the_latest_point_and_removes_it_once_it_is_validated(cloud: Cloud) -> None:
    select_role = role(cloud, "backup", *RESTORES)
    back_up(cloud)
    put(cloud, "after")
    latest = back_up(cloud)
    arn = cloud.backup.create_restore_testing_plan(RestoreTestingPlan=plan(), Tags={"E": "pr-1"})[
        "RestoreTestingPlanArn"
    ]
    cloud.backup.create_restore_testing_selection(
        RestoreTestingPlanName="hourly", RestoreTestingSelection=selection(select_role)
    )
    jobs = eventually(lambda: cloud.backup.list_restore_jobs(ByRestoreTestingPlanArn=arn)["RestoreJobs"])
    stop_testing(cloud)
    job = ended(cloud, jobs[-1]["RestoreJobId"])
    assert (job["Status"], job["RecoveryPointArn"]) == ("COMPLETED", latest)
    assert (job["CreatedBy"], job["ValidationStatus"]) == ({"RestoreTestingPlanArn": arn}, "VALIDATING")
    made = job["CreatedResourceArn"].rpartition("/")[2]
    assert made.startswith(TEST_NAME)
    assert ids(cloud, made) == {"before", "after"}
    assert next_event(cloud, "Restore Job State Change")["detail"]["restoreTestingPlanArn"] == arn
    result = {"RestoreJobId": job["RestoreJobId"], "ValidationStatus": "SUCCESSFUL"}
    cloud.backup.put_restore_validation_result(**result, ValidationStatusMessage="2 items")
    after = removed(cloud, job["RestoreJobId"])
    assert (after["ValidationStatus"], after["ValidationStatusMessage"]) == ("SUCCESSFUL", "2 items")
    assert made not in cloud.dynamodb.list_tables()["TableNames"]
    again = refused(lambda: cloud.backup.put_restore_validation_result(**result))
    assert again == "InvalidRequestException"


def test_what_is_not_validated_goes_when_the_window_closes(cloud: Cloud) -> None:
    role(cloud, "backup", *RESTORES)
    back_up(cloud)
    cloud.backup.create_restore_testing_plan(RestoreTestingPlan=plan())
    given = selection(f"arn:aws:iam::{ACCOUNT}:role/backup-role", ValidationWindowHours=1)
    cloud.backup.create_restore_testing_selection(RestoreTestingPlanName="hourly", RestoreTestingSelection=given)
    job = eventually(lambda: cloud.backup.list_restore_jobs()["RestoreJobs"])[-1]["RestoreJobId"]
    stop_testing(cloud)
    assert removed(cloud, job)["ValidationStatus"] == "TIMED_OUT"
    assert cloud.dynamodb.list_tables()["TableNames"] == ["sessions"]


def test_plans_select_by_vault_and_by_tags_of_recovery_points(cloud: Cloud) -> None:
    backup_role = role(cloud, "backup", *RESTORES)
    job = {**VAULT, "ResourceArn": table_arn("sessions"), "IamRoleArn": backup_role}
    cloud.backup.start_backup_job(**job, RecoveryPointTags={"Environment": "dev"})
    elsewhere = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:other"
    for name, vaults, value in (("right", ["*"], "dev"), ("vault", [elsewhere], "dev"), ("tag", ["*"], "prod")):
        selected = {**plan()["RecoveryPointSelection"], "IncludeVaults": vaults}
        cloud.backup.create_restore_testing_plan(
            RestoreTestingPlan=plan(RestoreTestingPlanName=name, RecoveryPointSelection=selected)
        )
        conditions = {"StringEquals": [{"Key": "aws:ResourceTag/Environment", "Value": value}]}
        by_tags = selection(backup_role, ProtectedResourceArns=["*"], ProtectedResourceConditions=conditions)
        cloud.backup.create_restore_testing_selection(RestoreTestingPlanName=name, RestoreTestingSelection=by_tags)

    def all_have_run() -> bool:
        plans = cloud.backup.list_restore_testing_plans()["RestoreTestingPlans"]
        return all(one.get("LastExecutionTime") for one in plans)

    eventually(all_have_run)
    jobs = cloud.backup.list_restore_jobs()["RestoreJobs"]
    assert {one["CreatedBy"]["RestoreTestingPlanArn"].partition("-plan:")[2].partition("-")[0] for one in jobs} == {
        "right"
    }


def test_plans_and_selections_are_read_changed_and_removed(cloud: Cloud) -> None:
    backup_role = role(cloud, "backup", *RESTORES)
    backup = cloud.backup
    yearly = plan(ScheduleExpression="cron(0 5 1 1 ? *)")
    arn = backup.create_restore_testing_plan(RestoreTestingPlan=yearly, Tags={"E": "pr-1"})["RestoreTestingPlanArn"]
    name = {"RestoreTestingPlanName": "hourly"}
    given = selection(backup_role, RestoreMetadataOverrides={"encryptionType": "KMS"})
    backup.create_restore_testing_selection(**name, RestoreTestingSelection=given)
    described = backup.get_restore_testing_plan(**name)["RestoreTestingPlan"]
    assert (described["ScheduleExpression"], described["StartWindowHours"]) == ("cron(0 5 1 1 ? *)", 24)
    assert described["RecoveryPointSelection"]["SelectionWindowDays"] == 30
    assert backup.list_tags(ResourceArn=arn)["Tags"] == {"E": "pr-1"}
    backup.update_restore_testing_plan(**name, RestoreTestingPlan={"StartWindowHours": 2})
    changed = {"ValidationWindowHours": 3}
    one = {**name, "RestoreTestingSelectionName": "tables"}
    backup.update_restore_testing_selection(**one, RestoreTestingSelection=changed)
    assert backup.get_restore_testing_plan(**name)["RestoreTestingPlan"]["StartWindowHours"] == 2
    found = backup.get_restore_testing_selection(**one)["RestoreTestingSelection"]
    assert (found["ValidationWindowHours"], found["RestoreMetadataOverrides"]) == (3, {"encryptionType": "KMS"})
    assert len(backup.list_restore_testing_selections(**name)["RestoreTestingSelections"]) == 1
    assert refused(lambda: backup.delete_restore_testing_plan(**name)) == "InvalidRequestException"
    exists = "AlreadyExistsException"
    assert refused(lambda: backup.create_restore_testing_plan(RestoreTestingPlan=yearly)) == exists
    again = {**name, "RestoreTestingSelection": given}
    assert refused(lambda: backup.create_restore_testing_selection(**again)) == exists
    stop_testing(cloud)
    assert refused(lambda: backup.get_restore_testing_plan(**name)) == "ResourceNotFoundException"


IMPOSSIBLE_PLANS: tuple[dict[str, Any], ...] = (
    {"RestoreTestingPlanName": "with-hyphen"},
    {"ScheduleExpression": "every day"},
    {"StartWindowHours": 169},
    {"RecoveryPointSelection": {"Algorithm": "LATEST_WITHIN_WINDOW"}},
)
IMPOSSIBLE_SELECTIONS: tuple[dict[str, Any], ...] = (
    {"RestoreTestingSelectionName": "with-hyphen"},
    {"ProtectedResourceType": "EBS"},
    {"ProtectedResourceArns": []},
    {"ProtectedResourceConditions": {"StringEquals": [{"Key": "aws:ResourceTag/E", "Value": "dev"}]}},
    {"ValidationWindowHours": 169},
    {"IamRoleArn": f"arn:aws:iam::{ACCOUNT}:role/events-role"},
)


def test_impossible_plans_and_selections_are_refused(cloud: Cloud) -> None:
    backup_role, backup = role(cloud, "backup"), cloud.backup
    role(cloud, "events")
    invalid = "InvalidParameterValueException"
    for changes in IMPOSSIBLE_PLANS:
        create = partial(backup.create_restore_testing_plan, RestoreTestingPlan=plan(**changes))
        assert refused(create) == invalid, changes
    backup.create_restore_testing_plan(RestoreTestingPlan=plan(ScheduleExpression="cron(0 5 1 1 ? *)"))
    for changes in IMPOSSIBLE_SELECTIONS:
        given = selection(backup_role, **changes)
        create = partial(
            backup.create_restore_testing_selection, RestoreTestingPlanName="hourly", RestoreTestingSelection=given
        )
        assert refused(create) == invalid, changes
