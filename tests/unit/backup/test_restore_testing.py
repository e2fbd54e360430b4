"""Tests of restores: when, of what, into which network, and with which permissions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.backup.restore_testing import underscored
from tests.unit.containers import containers
from tests.unit.stacks import Document, arguments, of_type, policies, settings, synthesized

ONE = synthesized()
STANDBY = containers(standby_region="us-east-2")
CLUSTER = "${aws_rds_cluster.database_cluster.arn}"
TEST_NAMES = "awsbackup-restore-test-*"


def statements(document: Document, policy: str) -> dict[str, dict[str, Any]]:
    found = dict(policies(document))[f"aws_iam_policy.{policy}"]["Statement"]
    return {statement["Sid"]: statement for statement in found}


@pytest.mark.parametrize(
    ("environment_class", "schedule", "days"),
    [
        ("ephemeral", "cron(0 6 ? * 2#1 *)", 7),
        ("staging", "cron(0 6 ? * 2#1 *)", 7),
        ("production", "cron(0 6 ? * MON *)", 35),
    ],
)
def test_production_tests_every_week_and_others_every_month(environment_class: str, schedule: str, days: int) -> None:
    document = synthesized(environment_class=environment_class)
    plan = arguments(document, "aws_backup_restore_testing_plan.restore_testing_plan")
    assert (plan["name"], plan["schedule_expression"]) == ("payment_restore_test_dev", schedule)
    (points,) = plan["recovery_point_selection"]
    assert points == {
        "algorithm": "LATEST_WITHIN_WINDOW",
        "include_vaults": ["${aws_backup_vault.backup_vault.arn}"],
        "recovery_point_types": ["CONTINUOUS", "SNAPSHOT"],
        "selection_window_days": days,
    }


def test_a_plan_is_called_by_what_aws_takes() -> None:
    assert underscored(settings(environment_suffix="pr-12"), "restore-test") == "payment_restore_test_pr_12"


def test_the_ledger_is_restored_into_its_own_network() -> None:
    ledger = arguments(ONE, "aws_backup_restore_testing_selection.restore_testing_ledger")
    assert (ledger["protected_resource_type"], ledger["protected_resource_arns"]) == ("Aurora", [CLUSTER])
    overrides = ledger["restore_metadata_overrides"]
    assert json.loads(overrides.pop("vpcSecurityGroupIds")) == ["${aws_security_group.database_security_group.id}"]
    assert overrides == {
        "dbSubnetGroupName": "${aws_rds_cluster.database_cluster.db_subnet_group_name}",
        "dbClusterParameterGroupName": "${aws_rds_cluster.database_cluster.db_cluster_parameter_group_name}",
        "enableIamDatabaseAuthentication": "true",
    }
    assert ledger["depends_on"] == ["aws_iam_role_policy_attachment.restore_ledger_attachment"]


def test_the_sessions_are_restored_with_their_own_key() -> None:
    sessions = arguments(ONE, "aws_backup_restore_testing_selection.restore_testing_sessions")
    assert sessions["protected_resource_type"] == "DynamoDB"
    assert sessions["protected_resource_arns"] == ["${aws_dynamodb_table.sessions_table.arn}"]
    key = "${aws_kms_key.sessions_key.arn}"
    assert sessions["restore_metadata_overrides"] == {"encryptionType": "KMS", "kmsMasterKeyArn": key}


def test_only_what_tests_and_recoveries_are_called_can_be_made_and_what_tests_are_removed() -> None:
    ledger, sessions = statements(ONE, "restore_ledger"), statements(ONE, "restore_sessions")
    (removed,) = ledger["RemoveWhatATestRestored"]["Resource"]
    assert removed.endswith(f":cluster:{TEST_NAMES}")
    tested, beside = ledger["TagWhatIsRestored"]["Resource"]
    assert tested == removed
    assert beside.endswith(":cluster:${aws_rds_cluster.database_cluster.cluster_identifier}-20*")
    made = ledger["RestoreTheLedger"]["Resource"]
    assert made[:3] == [CLUSTER, tested, beside]
    assert [one.split(":", 5)[5].partition(":")[0] for one in made[3:]] == [
        "cluster-snapshot",
        "subgrp",
        "cluster-pg",
        "og",
    ]
    assert [one.partition(":table/")[2] for one in sessions["RestoreTheSessions"]["Resource"]] == [
        TEST_NAMES,
        "${aws_dynamodb_table.sessions_table.name}-20*",
    ]
    for name, of, keys in (
        ("Ledger", ledger, ["${aws_rds_cluster.database_cluster.kms_key_id}"]),
        ("Sessions", sessions, ["${aws_kms_key.sessions_key.arn}", "${aws_kms_key.operations_key.arn}"]),
    ):
        assert of[f"UseKeysOf{name}"]["Resource"] == of[f"LendKeysOf{name}"]["Resource"] == keys
        assert of[f"LendKeysOf{name}"]["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}
    service = ledger["UseKeysOfLedger"]["Condition"]["StringEquals"]["kms:ViaService"]
    assert service == "rds.us-east-1.amazonaws.com"


def test_of_two_regions_the_one_that_makes_the_backups_tests_them() -> None:
    (plan,) = of_type(STANDBY, "aws_backup_restore_testing_plan")
    assert plan == "primary_restore_testing_plan"
    assert {"restore_testing_plan_name", "restore_test_state_machine_arn"} <= set(STANDBY["output"])
