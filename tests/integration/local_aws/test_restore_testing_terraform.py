"""Terraform makes a plan that tests restores with a selection, has nothing to change after that, and removes both."""

import json
import os
from pathlib import Path
from typing import Any

import boto3

from lib.provider_options import provider_options
from local_aws.server import LocalAws
from tap.provider_mirror import PROVIDER_VERSION
from tap.terraform import Terraform

REGION = "eu-central-1"
TRUST = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}


def write(folder: Path, endpoint_url: str, *, schedule: str, hours: int) -> None:
    plan = {
        "name": "restore_test_it",
        "schedule_expression": schedule,
        "start_window_hours": 4,
        "recovery_point_selection": {
            "algorithm": "LATEST_WITHIN_WINDOW",
            "include_vaults": ["${aws_backup_vault.vault.arn}"],
            "recovery_point_types": ["CONTINUOUS", "SNAPSHOT"],
            "selection_window_days": 7,
        },
    }
    selection = {
        "name": "ledger_it",
        "restore_testing_plan_name": "${aws_backup_restore_testing_plan.plan.name}",
        "protected_resource_type": "Aurora",
        "protected_resource_arns": [f"arn:aws:rds:{REGION}:123456789012:cluster:ledger"],
        "restore_metadata_overrides": {"vpcSecurityGroupIds": '["sg-1"]', "dbSubnetGroupName": "subnets"},
        "validation_window_hours": hours,
        "iam_role_arn": "${aws_iam_role.role.arn}",
    }
    role = {"name": "restore-it", "assume_role_policy": json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})}
    content: dict[str, Any] = {
        "terraform": {"required_providers": {"aws": {"source": "aws", "version": PROVIDER_VERSION}}},
        "provider": {"aws": provider_options(region=REGION, tags={"Project": "payment"}, endpoint_url=endpoint_url)},
        "resource": {
            "aws_backup_vault": {"vault": {"name": "vault"}},
            "aws_iam_role": {"role": role},
            "aws_backup_restore_testing_plan": {"plan": plan},
            "aws_backup_restore_testing_selection": {"ledger": selection},
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf.json").write_text(json.dumps(content))


def changes(terraform: Terraform) -> list[str]:
    return [change.address for change in terraform.plan().changes]


def test_a_plan_and_a_selection_are_made_changed_and_removed(tmp_path: Path) -> None:
    with LocalAws.started(tmp_path / "local_aws") as server:
        folder = tmp_path / "stack"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = {**kept, **server.environment()}
        terraform = Terraform(folder, environment)
        write(folder, server.endpoint_url, schedule="cron(0 6 ? * 2#1 *)", hours=6)
        terraform.init()
        terraform.apply()
        assert changes(terraform) == []
        create: Any = boto3.client
        keys = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "secret"}
        backup = create("backup", region_name=REGION, endpoint_url=server.endpoint_url, **keys)
        (plan,) = backup.list_restore_testing_plans()["RestoreTestingPlans"]
        assert backup.list_tags(ResourceArn=plan["RestoreTestingPlanArn"])["Tags"] == {"Project": "payment"}

        write(folder, server.endpoint_url, schedule="cron(0 6 ? * MON *)", hours=3)
        assert len(changes(terraform)) == 2
        terraform.apply()
        assert changes(terraform) == []
        named = {"RestoreTestingPlanName": "restore_test_it", "RestoreTestingSelectionName": "ledger_it"}
        found = backup.get_restore_testing_selection(**named)["RestoreTestingSelection"]
        assert found["ValidationWindowHours"] == 3

        terraform.destroy()
        assert server.leftovers() == {}
