"""The workflow that validates restores: what starts it, and what it may do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.containers import containers
from tests.unit.stacks import Document, arguments, policies, synthesized

ONE = synthesized()


def statements(policy: str) -> dict[str, dict[str, Any]]:
    found = dict(policies(ONE))[f"aws_iam_policy.{policy}"]["Statement"]
    return {statement["Sid"]: statement for statement in found}


@pytest.mark.parametrize(
    ("document", "prefix"),
    [(ONE, ""), (synthesized(architecture="multi-region"), "primary_"), (containers(), "")],
)
def test_the_end_of_each_restore_of_the_plan_starts_it(document: Document, prefix: str) -> None:
    rule = arguments(document, f"aws_cloudwatch_event_rule.{prefix}restore_test_rule")
    assert "event_bus_name" not in rule
    assert json.loads(rule["event_pattern"]) == {
        "source": ["aws.backup"],
        "detail-type": ["Restore Job State Change"],
        "detail": {
            "restoreTestingPlanArn": [f"${{aws_backup_restore_testing_plan.{prefix}restore_testing_plan.arn}}"],
            "status": ["COMPLETED", "FAILED", "ABORTED"],
        },
    }
    target = arguments(document, f"aws_cloudwatch_event_target.{prefix}restore_test_target")
    assert target["arn"] == f"${{aws_sfn_state_machine.{prefix}restore_test.arn}}"
    assert (target["input_path"], target["role_arn"]) == (
        "$.detail",
        f"${{aws_iam_role.{prefix}restore_test_rule_role.arn}}",
    )


def test_the_instance_is_like_the_ledgers_and_tagged() -> None:
    machine = arguments(ONE, "aws_sfn_state_machine.restore_test")
    made = json.loads(machine["definition"])["States"]["AddInstance"]["Parameters"]
    instance = arguments(ONE, "aws_rds_cluster_instance.database_instance_0")
    assert (made["Engine"], made["DbInstanceClass"]) == ("aurora-mysql", instance["instance_class"])
    tags = {tag["Key"]: tag["Value"] for tag in made["Tags"]}
    assert (tags["EnvironmentSuffix"], tags["ManagedBy"]) == ("dev", "cdktf")


def test_it_touches_what_tests_restored_alone() -> None:
    ledger, sessions = statements("restore_test_ledger"), statements("restore_test_sessions")
    instance, cluster, *groups = ledger["AddInstance"]["Resource"]
    assert instance.endswith(":db:awsbackup-restore-test-*")
    assert cluster.endswith(":cluster:awsbackup-restore-test-*")
    assert groups[0].endswith(":subgrp:${aws_rds_cluster.database_cluster.db_subnet_group_name}")
    assert ledger["SeeAndRemoveInstance"]["Resource"] == [instance]
    assert ledger["SeeCluster"]["Resource"] == [cluster]
    (table,) = sessions["ReadRestoredSessions"]["Resource"]
    assert table.endswith(":table/awsbackup-restore-test-*")
    assert sessions["DecryptRestoredSessions"]["Resource"] == ["${aws_kms_key.sessions_key.arn}"]
    assert statements("restore_test_result")["TellResult"]["Action"] == ["backup:PutRestoreValidationResult"]
