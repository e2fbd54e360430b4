"""`tap doctor` as a process against a local AWS: what it finds, how it ends, and that it changes nothing there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lib.settings import Settings
from local_aws.server import LocalAws
from tap.account import Account
from tap.toolchain import ROOT

REGION = "eu-west-1"
BUCKET = "payment-doctor-state"
SECONDS = 120


@dataclass(frozen=True)
class Report:
    """What a run printed, and how it ended."""

    code: int
    checks: dict[tuple[str, str], dict[str, Any]]

    def with_status(self, status: str) -> list[tuple[str, str]]:
        return [name for name, check in self.checks.items() if check["status"] == status]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.started(tmp_path_factory.mktemp("doctor") / "local_aws") as aws:
        yield aws


@pytest.fixture
def aws(started: LocalAws) -> LocalAws:
    """A local AWS with nothing on it."""
    started.reset()
    return started


@pytest.fixture
def account(aws: LocalAws) -> Account:
    return Account.of_local_aws(aws, REGION)


def doctor(aws: LocalAws, *, root: Path = ROOT, **inputs: str) -> Report:
    """Run it with these inputs, and see that nothing on the local AWS is another thing afterwards."""
    before = aws.leftovers()
    own = {name.upper() for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name not in own}
    environment = {**kept, **aws.environment(), "AWS_REGION": REGION, "ENVIRONMENT_SUFFIX": "doctor-1", **inputs}
    answer = subprocess.run(
        [sys.executable, "-m", "tap", "doctor", "--json"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert answer.stdout, answer.stderr
    document = json.loads(answer.stdout)
    checks = {(check["group"], check["name"]): check for check in document["checks"]}
    assert len(checks) == len(document["checks"])
    report = Report(answer.returncode, checks)
    assert document["ok"] == (report.with_status("fault") == [])
    assert aws.environment()["AWS_SECRET_ACCESS_KEY"] not in answer.stdout + answer.stderr
    assert aws.leftovers() == before
    return report


def test_everything_is_well_on_a_new_local_aws(aws: LocalAws) -> None:
    report = doctor(aws)
    assert [name for name, check in report.checks.items() if check["status"] != "ok"] == []
    assert report.code == 0
    assert report.checks["Quotas", "VPCs"]["found"] == "quota 5, used 1, needed 1: 4 more environments fit"
    assert report.checks["Quotas", "NAT gateways in a zone"]["found"].startswith("quota 5, used 0, needed 1 in")
    assert re.match(r"single-region: \d+ resources of \d+ types", report.checks["Inputs", "architecture"]["found"])
    assert {group for group, _ in report.checks} == {"Tools", "Inputs", "Account", "State", "Quotas", "Orders"}


def test_both_regions_are_looked_at_where_there_are_two(aws: LocalAws, account: Account) -> None:
    ec2 = account.client("ec2", "us-west-2")
    for number in range(4):
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    report = doctor(aws, ARCHITECTURE="multi-region", SECONDARY_REGION="us-west-2")
    assert (report.code, report.with_status("fault")) == (1, [("Quotas", "VPCs, us-west-2")])
    for name in ("Quotas", f"VPCs, {REGION}"), ("Quotas", "health checks"), ("Account", "secondary zones"):
        assert report.checks[name]["status"] == "ok"
    for region in (REGION, "us-west-2"):
        assert report.checks["Orders", f"engine version, {region}"]["status"] == "ok"
        assert report.checks["Orders", f"instance class, {region}"]["status"] == "ok"
        assert ("Backups", f"copies of tables, {region}") in report.checks


def test_a_full_quota_is_a_fault_until_its_remedy_is_followed(aws: LocalAws, account: Account) -> None:
    ec2 = account.client("ec2")
    for number in range(4):  # With the Region's default VPC, five.
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    report = doctor(aws)
    assert (report.code, report.with_status("fault")) == (1, [("Quotas", "VPCs")])
    check = report.checks["Quotas", "VPCs"]
    assert check["found"] == "quota 5, used 5, needed 1: the environment does not fit"
    command = re.search(
        r"`aws service-quotas request-service-quota-increase --service-code (\S+) --quota-code (\S+) "
        r"--desired-value (\d+) --region (\S+)`",
        check["remedy"],
    )
    assert command is not None
    service, code, value, region = command.groups()
    account.client("service-quotas", region).request_service_quota_increase(
        ServiceCode=service, QuotaCode=code, DesiredValue=float(value)
    )
    assert doctor(aws).checks["Quotas", "VPCs"]["found"] == "quota 6, used 5, needed 1: 1 more environment fits"


def test_a_full_quota_is_a_warning_for_an_environment_that_is_there(aws: LocalAws, account: Account) -> None:
    ec2 = account.client("ec2")
    for number in range(4):
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    own = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"][0]["VpcId"]
    ec2.create_tags(Resources=[own], Tags=[{"Key": "EnvironmentSuffix", "Value": "doctor-1"}])
    report = doctor(aws)
    assert (report.code, report.with_status("warning")) == (0, [("Quotas", "VPCs")])
    ec2.create_tags(Resources=[own], Tags=[{"Key": "EnvironmentSuffix", "Value": "doctor-12"}])
    assert doctor(aws).code == 1


def test_another_account_is_a_fault(aws: LocalAws) -> None:
    report = doctor(aws, AWS_ACCOUNT_ID="444455556666")
    assert (report.code, report.with_status("fault")) == (1, [("Account", "account")])
    assert "use credentials of 444455556666" in report.checks["Account", "account"]["remedy"]


def test_zones_that_do_not_exist_are_a_fault(aws: LocalAws) -> None:
    report = doctor(aws, AVAILABILITY_ZONES="a,b,f")
    assert ("Account", "zones") in report.with_status("fault")
    assert report.checks["Account", "zones"]["remedy"] == "set AVAILABILITY_ZONES=a,b,c"


def test_the_bucket_has_to_exist_and_to_keep_the_state_safe(aws: LocalAws, account: Account) -> None:
    report = doctor(aws, STATE_BUCKET=BUCKET)
    assert (report.code, report.with_status("fault")) == (1, [("State", "bucket")])
    s3 = account.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    report = doctor(aws, STATE_BUCKET=BUCKET)
    assert report.code == 0
    assert {("State", "versions"), ("State", "public access")} <= set(report.with_status("warning"))
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=dict.fromkeys(blocks, True))
    report = doctor(aws, STATE_BUCKET=BUCKET)
    assert [check["status"] for (group, _), check in report.checks.items() if group == "State"] == ["ok"] * 5


def test_an_engine_version_that_cannot_be_ordered_is_a_fault(aws: LocalAws) -> None:
    report = doctor(aws, DB_ENGINE_VERSION="8.0.mysql_aurora.3.10.99")
    assert report.code == 1
    assert set(report.with_status("fault")) == {("Orders", "engine version"), ("Orders", "instance class")}
    remedy = report.checks["Orders", "engine version"]["remedy"]
    version = re.search(r"8\.0\.mysql_aurora\.3\.10\.\d+", remedy)
    assert version is not None
    assert doctor(aws, DB_ENGINE_VERSION=version[0]).code == 0


def test_an_instance_class_that_cannot_be_ordered_is_a_fault(aws: LocalAws) -> None:
    report = doctor(aws, DB_INSTANCE_CLASS="db.z9.large")
    assert (report.code, report.with_status("fault")) == (1, [("Orders", "instance class")])


def test_inputs_that_cannot_be_used_are_a_fault_each(aws: LocalAws) -> None:
    report = doctor(aws, VPC_CIDR="10.0.0.0/8", BACKTRACK_HOURS="100")
    assert report.code == 1
    assert {("Inputs", "VPC_CIDR"), ("Inputs", "BACKTRACK_HOURS")} <= set(report.with_status("fault"))
    assert report.checks["Account", "credentials"]["status"] == "ok"


def test_a_design_that_aws_would_refuse_is_a_fault(aws: LocalAws) -> None:
    report = doctor(aws, EXPIRES_AT="2020-01-01T00:00:00Z", LAMBDA_RUNTIME="python3.9")
    assert ("Inputs", "LAMBDA_RUNTIME") in report.with_status("fault")
    assert report.checks["Quotas", "VPCs"]["status"] == "not checked"


def test_an_account_that_does_not_answer_ends_with_3_and_shows_this_computer(aws: LocalAws) -> None:
    report = doctor(aws, AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert (report.code, report.with_status("fault")) == (3, [("Account", "credentials")])
    assert report.checks["Tools", "Terraform"]["status"] == "ok"
    assert report.checks["Quotas", "all"]["status"] == "not checked"


def test_a_missing_terraform_is_a_fault(aws: LocalAws, tmp_path: Path) -> None:
    """In a copy of the project, as set-up may have fetched a Terraform into this one."""
    root = tmp_path / "project"
    for name in ("tap", "lib", "local_aws"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("node_modules", "Pipfile.lock", "package-lock.json"):
        (root / name).symlink_to(ROOT / name)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "sh").symlink_to("/bin/sh")
    report = doctor(aws, root=root, PATH=str(programs))
    assert (report.code, report.with_status("fault")) == (1, [("Tools", "Terraform")])
    check = report.checks["Tools", "Terraform"]
    assert "none on PATH" in check["found"]
    assert check["remedy"] == "`make setup`"
