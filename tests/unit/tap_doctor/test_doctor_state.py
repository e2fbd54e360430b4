"""The state: a file, or a bucket with everything that keeps it safe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from moto import mock_aws

from lib.settings import load_settings
from tap.account import Account
from tap.doctor import state
from tap.doctor.check import Check, Status
from tap.doctor.state import StateBucket
from tests.unit.tap_doctor.scripted_account import ScriptedAccount, refused

REGION = "eu-west-1"
BUCKET = "payment-state"
LOCK = {"ID": "1", "Operation": "OperationTypeApply", "Who": "ci@runner", "Created": "2026-11-21T06:00:00Z"}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Account.of_variables(
            {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": REGION}
        )


@pytest.fixture
def s3(account: Account) -> Any:
    client = account.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


def look(account: Account, bucket: str = BUCKET, region: str = REGION) -> dict[str, Check]:
    return {check.name: check for check in StateBucket(account, bucket, region).checks()}


def secure(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=dict.fromkeys(blocks, True))


def test_a_bucket_that_keeps_everything_safe_is_well(account: Account, s3: Any) -> None:
    secure(s3)
    s3.put_object(Bucket=BUCKET, Key="payment/single-region/dev.tfstate.tflock", Body=json.dumps(LOCK))
    found = look(account)
    assert {name: check.found for name, check in found.items()} == {
        "bucket": "payment-state in eu-west-1; writing to it was not tried",
        "versions": "kept",
        "encryption": "aws:kms",
        "public access": "blocked",
        "locks": "none is older than an hour",
    }
    assert {check.status for check in found.values()} == {Status.OK}


def test_what_a_new_bucket_lacks_is_a_warning_with_its_command(account: Account, s3: Any) -> None:
    s3.delete_bucket_encryption(Bucket=BUCKET)
    found = look(account)
    assert [name for name, check in found.items() if check.status is Status.WARNING] == [
        "versions",
        "encryption",
        "public access",
    ]
    assert found["versions"].remedy == (
        "`aws s3api put-bucket-versioning --bucket payment-state --region eu-west-1 "
        "--versioning-configuration Status=Enabled`"
    )
    assert "put-bucket-encryption" in str(found["encryption"].remedy)
    assert "put-public-access-block" in str(found["public access"].remedy)


def test_a_bucket_that_does_not_exist_is_a_fault_and_nothing_else_is_asked(account: Account) -> None:
    found = look(account, "payment-elsewhere")
    assert list(found) == ["bucket"]
    assert (found["bucket"].status, found["bucket"].found) == (Status.FAULT, "there is no bucket 'payment-elsewhere'")
    assert found["bucket"].remedy == "`aws s3 mb s3://payment-elsewhere --region eu-west-1`, or correct STATE_BUCKET"


def test_another_region_than_state_region_is_a_fault(account: Account, s3: Any) -> None:
    secure(s3)
    found = look(account, region="us-east-1")["bucket"]
    assert (found.status, found.remedy) == (Status.FAULT, "set STATE_REGION=eu-west-1")


def test_a_bucket_of_others_is_not_checked() -> None:
    account = ScriptedAccount({"s3.head_bucket": refused("HeadBucket", "403", "Forbidden")})
    found = look(cast(Account, account))
    assert list(found) == ["bucket"]
    assert found["bucket"].status is Status.NOT_CHECKED
    assert found["bucket"].remedy == "allow s3:ListBucket on it, or correct STATE_BUCKET"


def test_each_permission_that_is_missing_is_named() -> None:
    account = ScriptedAccount(
        {
            "s3.head_bucket": {"BucketRegion": REGION},
            "s3.get_bucket_versioning": refused("GetBucketVersioning"),
            "s3.get_bucket_encryption": refused("GetBucketEncryption"),
            "s3.get_public_access_block": refused("GetPublicAccessBlock"),
            "s3.list_objects_v2": refused("ListObjectsV2"),
        }
    )
    found = look(cast(Account, account))
    assert {name: check.found for name, check in found.items() if check.status is Status.NOT_CHECKED} == {
        "versions": "not permitted: s3:GetBucketVersioning",
        "encryption": "not permitted: s3:GetEncryptionConfiguration",
        "public access": "not permitted: s3:GetBucketPublicAccessBlock",
        "locks": "not permitted: s3:ListBucket",
    }


@pytest.mark.parametrize(
    ("content", "holder"),
    [(json.dumps(LOCK).encode(), " by ci@runner (OperationTypeApply)"), (b"broken", ""), (b"[]", "")],
)
def test_an_old_lock_is_a_warning_and_names_who_holds_it(
    account: Account, s3: Any, monkeypatch: pytest.MonkeyPatch, content: bytes, holder: str
) -> None:
    s3.put_object(Bucket=BUCKET, Key="payment/single-region/pr-1.tfstate.tflock", Body=content)
    s3.put_object(Bucket=BUCKET, Key="payment/single-region/pr-1.tfstate", Body=b"{}")

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz or UTC) + timedelta(hours=5)

    monkeypatch.setattr(state, "datetime", Later)
    found = look(account)["locks"]
    assert (found.status, found.found) == (Status.WARNING, f"the state of pr-1 is locked for 5 h{holder}")
    assert found.remedy == "if that run no longer exists: `tap env unlock pr-1`"


@pytest.mark.parametrize(("on_local_aws", "status"), [(True, Status.OK), (False, Status.WARNING)])
def test_a_local_state_is_a_risk_in_an_account(on_local_aws: bool, status: Status) -> None:
    [found] = state.local_state(load_settings(environment_suffix="pr-1"), on_local_aws=on_local_aws)
    assert found.status is status
    assert "terraform.TapStackpr-1.tfstate (none yet)" in found.found
