"""Removals of what moto has not, or has otherwise than AWS: call by call, with AWS's answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from tap.account import Account
from tap.inventory.resource import Evidence, Resource, environment_tags
from tap.removal.sweep import Sweeper, SweepReport
from tests.unit.tap_removal.maker import ACCOUNT

OURS = environment_tags("pr-1")
CLUSTER = f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster:payment-pr-1"


def sweep(account: Account, *resources: Resource, **options: Any) -> SweepReport:
    return Sweeper(account).sweep("pr-1", resources, **{"timeout": 20, **options})


def test_executions_of_a_state_machine_are_stopped(account: Account) -> None:
    """moto ends executions at once."""
    machine = Resource(f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:payment-pr-1", "states:stateMachine", OURS)
    execution = f"arn:aws:states:us-east-1:{ACCOUNT}:execution:payment-pr-1:one"
    description = {"stateMachineArn": machine.arn, "name": "payment-pr-1", "definition": "{}", "type": "STANDARD"}
    description |= {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/payment-pr-1", "status": "ACTIVE"}
    running = {"executionArn": execution, "stateMachineArn": machine.arn, "name": "one", "status": "RUNNING"}
    now = datetime.now(UTC)
    with Stubber(account.client("stepfunctions")) as client:
        client.add_response("describe_state_machine", {**description, "creationDate": now})
        client.add_response("list_tags_for_resource", {"tags": [{"key": k, "value": v} for k, v in OURS.items()]})
        client.add_response("list_executions", {"executions": [{**running, "startDate": now}]})
        client.add_response("stop_execution", {"stopDate": now}, {"executionArn": execution, "cause": ANY})
        client.add_response("delete_state_machine", {}, {"stateMachineArn": machine.arn})
        client.add_client_error("describe_state_machine", "StateMachineDoesNotExist")
        assert sweep(account, machine).swept == [machine]


@pytest.mark.parametrize("name", ["ab-1234", "cluster-ABC"])
def test_a_retained_backup_goes_by_the_id_of_its_cluster(account: Account, name: str) -> None:
    """moto has no automated backups of clusters."""
    arn = f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster-auto-backup:"
    listed = {
        "DBClusterAutomatedBackupsArn": f"{arn}ab-1234",
        "DbClusterResourceId": "cluster-ABC",
        "DBClusterArn": CLUSTER,
        "Status": "retained",
    }
    part = Resource(f"{arn}{name}", "rds:cluster-auto-backup", evidence=Evidence.OWNER, owner=CLUSTER)
    listing = "describe_db_cluster_automated_backups"
    with Stubber(account.client("rds")) as rds:
        rds.add_response(listing, {"DBClusterAutomatedBackups": [{"Status": "active"}, listed]})
        rds.add_response("delete_db_cluster_automated_backup", {}, {"DbClusterResourceId": "cluster-ABC"})
        rds.add_response(listing, {"DBClusterAutomatedBackups": []})
        assert sweep(account, part, owners=[CLUSTER]).swept == [part]
        rds.assert_no_pending_responses()


def test_an_automated_snapshot_of_a_cluster_that_is_gone_goes_with_the_retained_backup(account: Account) -> None:
    """moto removes automated snapshots one by one, which RDS refuses."""
    arn = f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster-snapshot:rds:payment-pr-1-2026-11-21-06-31"
    snapshot = {
        "DBClusterIdentifier": "payment-pr-1",
        "DbClusterResourceId": "cluster-ABC",
        "SnapshotType": "automated",
    }
    part = Resource(arn, "rds:cluster-snapshot", evidence=Evidence.OWNER, owner=CLUSTER)
    with Stubber(account.client("rds")) as rds:
        rds.add_response(
            "describe_db_cluster_snapshots",
            {"DBClusterSnapshots": [snapshot]},
            {"DBClusterSnapshotIdentifier": "rds:payment-pr-1-2026-11-21-06-31"},
        )
        rds.add_response("list_tags_for_resource", {"TagList": []})
        rds.add_client_error("describe_db_clusters", "DBClusterNotFoundFault")
        rds.add_response("delete_db_cluster_automated_backup", {}, {"DbClusterResourceId": "cluster-ABC"})
        rds.add_client_error("describe_db_cluster_snapshots", "DBClusterSnapshotNotFoundFault")
        assert sweep(account, part, owners=[CLUSTER]).swept == [part]
        rds.assert_no_pending_responses()


def test_a_snapshot_of_aws_backup_goes_through_its_vault(account: Account) -> None:
    """moto has no recovery points."""
    arn = f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster-snapshot:awsbackup:job-1"
    part = Resource(arn, "rds:cluster-snapshot", evidence=Evidence.OWNER, owner=CLUSTER)
    snapshot = {"DBClusterIdentifier": "payment-pr-1", "SnapshotType": "awsbackup"}
    points = [
        {"RecoveryPointArn": f"{arn}2", "BackupVaultName": "x"},
        {"RecoveryPointArn": arn, "BackupVaultName": "v"},
    ]
    with Stubber(account.client("rds")) as rds, Stubber(account.client("backup")) as backup:
        rds.add_response("describe_db_cluster_snapshots", {"DBClusterSnapshots": [snapshot]})
        rds.add_response("list_tags_for_resource", {"TagList": []})
        backup.add_response("list_recovery_points_by_resource", {"RecoveryPoints": points}, {"ResourceArn": CLUSTER})
        backup.add_response("delete_recovery_point", {}, {"BackupVaultName": "v", "RecoveryPointArn": arn})
        rds.add_client_error("describe_db_cluster_snapshots", "DBClusterSnapshotNotFoundFault")
        assert sweep(account, part, owners=[CLUSTER]).swept == [part]
        backup.assert_no_pending_responses()


def test_a_plan_that_tests_restores_goes_after_its_selections(account: Account) -> None:
    """moto has none."""
    arn = f"arn:aws:backup:us-east-1:{ACCOUNT}:restore-testing-plan:payment_pr_1-0a1b2c3d"
    plan, named = Resource(arn, "backup:restore-testing-plan", OURS), {"RestoreTestingPlanName": "payment_pr_1"}
    selected = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"]}
    described = {
        **named,
        "CreationTime": datetime.now(UTC),
        "RecoveryPointSelection": selected,
        "RestoreTestingPlanArn": arn,
        "ScheduleExpression": "cron(0 6 ? * MON *)",
    }
    selection = {
        **named,
        "CreationTime": datetime.now(UTC),
        "IamRoleArn": "arn",
        "ProtectedResourceType": "Aurora",
        "RestoreTestingSelectionName": "ledger",
        "ValidationWindowHours": 6,
    }
    with Stubber(account.client("backup")) as backup:
        backup.add_response("get_restore_testing_plan", {"RestoreTestingPlan": described}, named)
        backup.add_response("list_tags", {"Tags": OURS}, {"ResourceArn": arn})
        backup.add_response("list_restore_testing_selections", {"RestoreTestingSelections": [selection]}, named)
        backup.add_response("delete_restore_testing_selection", {}, {**named, "RestoreTestingSelectionName": "ledger"})
        backup.add_response("delete_restore_testing_plan", {}, named)
        backup.add_client_error("get_restore_testing_plan", "ResourceNotFoundException")
        assert sweep(account, plan).swept == [plan]
        backup.assert_no_pending_responses()


def test_a_canary_is_stopped_first(account: Account) -> None:
    """moto knows canaries in part only."""
    arn = f"arn:aws:synthetics:us-east-1:{ACCOUNT}:canary:payment-pr-1"
    canary = Resource(arn, "synthetics:canary", OURS)
    with Stubber(account.client("synthetics")) as synthetics:
        synthetics.add_response("get_canary", {"Canary": {"Tags": OURS, "Status": {"State": "RUNNING"}}})
        synthetics.add_response("stop_canary", {}, {"Name": "payment-pr-1"})
        synthetics.add_client_error("delete_canary", "ConflictException")
        synthetics.add_response("get_canary", {"Canary": {"Tags": OURS, "Status": {"State": "STOPPED"}}})
        synthetics.add_response("delete_canary", {}, {"Name": "payment-pr-1", "DeleteLambda": True})
        synthetics.add_client_error("get_canary", "ResourceNotFoundException")
        assert sweep(account, canary).swept == [canary]


def test_a_secret_that_rds_manages_goes_with_its_cluster(account: Account) -> None:
    """moto does not say which service a secret is of."""
    arn = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:rds!cluster-1-abcdef"
    secret = Resource(arn, "secretsmanager:secret", evidence=Evidence.OWNER, owner=CLUSTER)
    tags = [{"Key": "aws:rds:primaryDBClusterArn", "Value": CLUSTER}]
    with Stubber(account.client("secretsmanager")) as client:
        client.add_response("describe_secret", {"ARN": arn, "OwningService": "rds", "Tags": tags})
        client.add_client_error("describe_secret", "ResourceNotFoundException")
        assert sweep(account, secret, owners=[CLUSTER]).swept == [secret]
