"""The policy scan on stacks with faults put into them on purpose; that the real ones pass is shown by `make check`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lib.settings import STACK_CLASSES
from policy.accepted import judge, read_accepted
from policy.configuration import Configuration
from policy.findings import Finding
from policy.scan import scan_all
from policy.variants import PLANNED, ROOT, SUFFIX, synthesized
from tap.inventory.coverage import COVERAGE

ACCOUNT = "arn:aws:dynamodb:us-east-1:123456789012:table"


def policy_scan(*files: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "policy", *map(str, files)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


def statement(action: str, resource: str, **more: Any) -> str:
    allowed = {"Effect": "Allow", "Action": [action], "Resource": [resource], **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def stack(folder: Path, resources: dict[str, Any]) -> Path:
    file = folder / "cdk.tf.json"
    file.write_text(json.dumps({"provider": {"aws": [{"region": "us-east-1"}]}, "resource": resources}))
    return file


FAULTS: dict[str, dict[str, Any]] = {
    "aws_s3_bucket": {"public": {"bucket": "payment-public"}},
    "aws_s3_bucket_acl": {"public": {"bucket": "${aws_s3_bucket.public.id}", "acl": "public-read"}},
    "aws_sqs_queue": {"plain": {"name": "payment-plain"}},
    "aws_iam_policy": {
        "everything": {"name": "everything", "policy": statement("*", "*")},
        "any_table": {"name": "any-table", "policy": statement("dynamodb:DeleteItem", "*")},
        "mixed_names": {
            "name": "mixed-names",
            "policy": json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "${aws_sqs_queue.plain.arn}"},
                        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"},
                    ],
                }
            ),
        },
        "unknown_action": {"name": "unknown-action", "policy": statement("dynamodb:PutItems", f"{ACCOUNT}/t")},
        "unknown_condition": {
            "name": "unknown-condition",
            "policy": statement(
                "dynamodb:PutItem", f"{ACCOUNT}/t", Condition={"StringEquals": {"aws:SourceAcount": "123456789012"}}
            ),
        },
    },
    "aws_vpc_security_group_ingress_rule": {
        "ssh": {
            "security_group_id": "${aws_security_group.function_security_group.id}",
            "description": "Anybody",
            "ip_protocol": "tcp",
            "from_port": 22,
            "to_port": 22,
            "cidr_ipv4": "0.0.0.0/0",
        }
    },
}


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What the scan says of the ephemeral stack with the faults in it."""
    folder = tmp_path_factory.mktemp("faults")
    real = next(one for one in synthesized(folder) if one.name == PLANNED)
    for resource_type, resources in FAULTS.items():
        real.document["resource"].setdefault(resource_type, {}).update(resources)
    real.path.write_text(json.dumps(real.document))
    faulty = Configuration.read(real.path, PLANNED)
    results = scan_all([faulty], folder, planned_name=PLANNED)
    return judge((finding for result in results for finding in result.findings), read_accepted()).failed


def test_the_variants_together_hold_every_resource_type_and_every_architecture(tmp_path: Path) -> None:
    variants = synthesized(tmp_path)
    assert {kind for variant in variants for kind, _, _ in variant.resources()} == COVERAGE.keys()
    assert {variant.path.parent.name for variant in variants} == {
        f"{stack_class}{SUFFIX}" for stack_class in STACK_CLASSES.values()
    }


@pytest.mark.parametrize(
    ("check", "resource"),
    [
        ("CKV_AWS_20", "aws_s3_bucket.public"),
        ("CKV_AWS_27", "aws_sqs_queue.plain"),
        ("CKV_AWS_62", "aws_iam_policy.everything"),
        ("CKV_AWS_355", "aws_iam_policy.any_table"),
        ("CKV_AWS_288", "aws_iam_policy.mixed_names"),
        ("RESOURCE_STAR", "aws_iam_policy.any_table"),
        ("W3037", "aws_iam_policy.unknown_action"),
        ("UNKNOWN_CONDITION_FOR_ACTION", "aws_iam_policy.unknown_condition"),
        ("CKV_AWS_24", "aws_vpc_security_group_ingress_rule.ssh"),
    ],
)
def test_fault_is_found(failed: list[Finding], check: str, resource: str) -> None:
    assert (check, resource) in {(finding.check, finding.resource) for finding in failed}


def test_plan_is_scanned_as_well_as_the_synthesized_json(failed: list[Finding]) -> None:
    assert {"ephemeral", "ephemeral, plan"} <= {
        finding.scan for finding in failed if finding.resource == "aws_sqs_queue.plain"
    }


def test_only_what_was_put_in_is_found(failed: list[Finding]) -> None:
    planted = {f"{kind}.{name}" for kind, resources in FAULTS.items() for name in resources}
    assert {finding.resource for finding in failed} <= planted


def test_command_ends_with_1_and_names_the_fault_whatever_the_users_home_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".checkov.yaml").write_text("skip-check: [CKV_AWS_27]\n")
    role = {"worker": {"assume_role_policy": statement("sts:AssumeRole", "*")}}
    done = policy_scan(stack(tmp_path, {"aws_sqs_queue": {"plain": {"name": "plain"}}, "aws_iam_role": role}))
    assert done.returncode == 1
    assert "FAILED CKV_AWS_27 aws_sqs_queue.plain" in done.stdout
    assert "FAILED E3530 aws_iam_role.worker" in done.stdout
    assert "policy: failed" in done.stdout


def test_stack_in_which_checkov_checks_nothing_is_a_failure(tmp_path: Path) -> None:
    bus_policy = {"aws_cloudwatch_event_bus_policy": {"one": {"policy": statement("events:PutEvents", "*")}}}
    done = policy_scan(stack(tmp_path, bus_policy))
    assert done.returncode == 1
    assert "checkov found nothing to check" in done.stderr


def test_file_that_is_no_stack_is_refused_with_the_remedy(tmp_path: Path) -> None:
    done = policy_scan(tmp_path / "cdk.tf.json")
    assert done.returncode == 1
    assert "give the cdk.tf.json that `make synth` writes" in done.stderr
