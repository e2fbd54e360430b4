"""The account's audit as an operator deploys it: once, changed, refused a second time, looked over, destroyed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local_aws.server import LocalAws
from tap.account import Account
from tap.toolchain import ROOT

REGION, ELSEWHERE = "eu-west-1", "us-east-1"
SUFFIX = "audit"
BUCKET = "payment-states"
EVERYTHING = {"ACCOUNT_GUARDDUTY": "true", "ACCOUNT_CONFIG": "true", "ACCOUNT_SECURITY_HUB": "true"}


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def message(self) -> str:
        return " ".join(self.err.split())


Tap = Callable[..., Ended]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.started(tmp_path_factory.mktemp("account") / "local_aws") as running:
        Account.of_local_aws(running, REGION).client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield running


@pytest.fixture(scope="module")
def account(aws: LocalAws) -> Account:
    return Account.of_local_aws(aws, REGION)


@pytest.fixture(scope="module")
def tap(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Tap:
    folder = tmp_path_factory.mktemp("operator")

    def run(*words: str, region: str = REGION, **inputs: str) -> Ended:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        own = {"ARCHITECTURE": "account", "AWS_REGION": region, "STATE_BUCKET": BUCKET, "STATE_REGION": REGION}
        where = {"CDKTF_OUTDIR": str(folder / "cdktf.out"), "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        ended = subprocess.run(
            [sys.executable, "-m", "tap", "env", *words],
            cwd=folder,
            env={**outside, **aws.environment(), **own, **where, **inputs},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return run


def deploy(tap: Tap, suffix: str = SUFFIX, *, region: str = REGION, **inputs: str) -> Ended:
    return tap("deploy", "--suffix", suffix, "--yes", "--json", region=region, **inputs)


@pytest.fixture(scope="module")
def deployed(tap: Tap) -> dict[str, Any]:
    outputs: dict[str, Any] = deploy(tap, **EVERYTHING).result["outputs"]
    return outputs


def test_the_trail_is_on_in_every_region(deployed: dict[str, Any], account: Account) -> None:
    cloudtrail = account.client("cloudtrail", ELSEWHERE)
    (trail,) = cloudtrail.describe_trails(trailNameList=[deployed["trail_arn"]])["trailList"]
    assert trail["S3BucketName"] == deployed["audit_bucket_name"]
    assert trail["KmsKeyId"] == deployed["audit_key_arn"]
    assert trail["CloudWatchLogsLogGroupArn"].endswith(f"log-group:{deployed['audit_log_group_name']}:*")
    switches = ("IsMultiRegionTrail", "IncludeGlobalServiceEvents", "LogFileValidationEnabled")
    assert [trail[switch] for switch in switches] == [True, True, True]
    assert cloudtrail.get_trail_status(Name=deployed["trail_arn"])["IsLogging"] is True


def test_the_bucket_is_closed_and_forgets(deployed: dict[str, Any], account: Account) -> None:
    s3, bucket = account.client("s3"), {"Bucket": deployed["audit_bucket_name"]}
    assert all(s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == deployed["audit_key_arn"]
    (rule,) = s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]
    assert rule["Expiration"]["Days"] == 7


def test_what_was_asked_for_beside_the_trail_is_on(deployed: dict[str, Any], account: Account) -> None:
    detector = account.client("guardduty").get_detector(DetectorId=deployed["guardduty_detector_id"])
    features = {feature["Name"]: feature["Status"] for feature in detector["Features"]}
    assert (detector["Status"], features["RDS_LOGIN_EVENTS"]) == ("ENABLED", "ENABLED")
    assert features["EKS_AUDIT_LOGS"] == "DISABLED"
    config = account.client("config")
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert (status["name"], status["recording"]) == (deployed["config_recorder_name"], True)
    (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
    assert channel["s3BucketName"] == deployed["audit_bucket_name"]
    assert len(config.describe_config_rules()["ConfigRules"]) == 10
    hub = account.client("securityhub")
    assert hub.describe_hub()["HubArn"] == deployed["security_hub_arn"]
    enabled = hub.get_enabled_standards()["StandardsSubscriptions"]
    assert {one["StandardsArn"].split("standards/")[1].split("/")[0] for one in enabled} == {
        "aws-foundational-security-best-practices",
        "pci-dss",
    }


@pytest.mark.parametrize(
    ("suffix", "region"),
    [("other", REGION), ("other", ELSEWHERE), (SUFFIX, ELSEWHERE)],
    ids=["suffix", "both", "Region"],
)
@pytest.mark.usefixtures("deployed")
def test_a_second_audit_is_refused_and_nothing_is_made(tap: Tap, aws: LocalAws, suffix: str, region: str) -> None:
    before = aws.leftovers()
    refused = deploy(tap, suffix, region=region)
    assert refused.code != 0
    told = f"environment {SUFFIX!r} is in Region {REGION}"
    if suffix != SUFFIX:
        told = f"This account has its audit already: {SUFFIX} in {REGION}. It is made once for all Regions. Nothing was"
    assert told in refused.message
    assert aws.leftovers() == before


def test_the_first_one_is_deployed_again_without_a_change(deployed: dict[str, Any], tap: Tap) -> None:
    again = deploy(tap, **EVERYTHING).result
    assert {again["changes"][name] for name in ("added", "changed", "removed")} == {0}
    assert again["outputs"] == deployed


def test_it_is_shown_and_verified(deployed: dict[str, Any], tap: Tap) -> None:
    shown = tap("show", SUFFIX, "--json").result
    assert (shown["architecture"], shown["outputs"]) == ("account", deployed)
    assert "audit" in shown["concerns"]
    verified = tap("verify", SUFFIX, "--json")
    assert (verified.code, verified.result["clean"]) == (0, True)


def test_it_is_destroyed_and_nothing_is_left(deployed: dict[str, Any], tap: Tap, aws: LocalAws) -> None:
    assert deployed
    receipt = tap("destroy", SUFFIX, "--yes", "--json").result
    assert (receipt["left"], receipt["swept"]) == (0, 0)
    left = aws.leftovers()
    assert left == {"aws/s3/buckets": [BUCKET]}
