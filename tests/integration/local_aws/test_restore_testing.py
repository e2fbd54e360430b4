"""Plans restore recovery points on a schedule, and remove what they restored."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from local_aws.server import LocalAws
from tests.integration.local_aws.backup_jobs import (
    RESTORE_TABLES,
    VAULT,
    back_up,
    ended,
    eventually,
    fast_local_aws,
    ids,
    next_event,
    prepare,
    put,
    refused,
    removed,
    table_arn,
)
from tests.integration.local_aws.conftest import ACCOUNT, REGION, Cloud
from tests.integration.local_aws.resources import role

TEST_NAME = "awsbackup-restore-test-"


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
    select_role = role(cloud, "backup", RESTORE_TABLES)
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
    role(cloud, "backup", RESTORE_TABLES)
    back_up(cloud)
    cloud.backup.create_restore_testing_plan(RestoreTestingPlan=plan())
    given = selection(f"arn:aws:iam::{ACCOUNT}:role/backup-role", ValidationWindowHours=1)
    cloud.backup.create_restore_testing_selection(RestoreTestingPlanName="hourly", RestoreTestingSelection=given)
    job = eventually(lambda: cloud.backup.list_restore_jobs()["RestoreJobs"])[-1]["RestoreJobId"]
    stop_testing(cloud)
    assert removed(cloud, job)["ValidationStatus"] == "TIMED_OUT"
    assert cloud.dynamodb.list_tables()["TableNames"] == ["sessions"]


def test_plans_select_by_vault_and_by_tags_of_recovery_points(cloud: Cloud) -> None:
    backup_role = role(cloud, "backup", RESTORE_TABLES)
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
    backup_role = role(cloud, "backup", RESTORE_TABLES)
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
