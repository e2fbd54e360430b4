"""What the local AWS refuses and keeps of services that an account has once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from tap.account import Account

REGION = "us-east-1"
CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}
BUCKET = "trail-logs"
RULE = {"ConfigRuleName": "it", "Source": {"Owner": "AWS", "SourceIdentifier": "RDS_STORAGE_ENCRYPTED"}}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.started(tmp_path_factory.mktemp("account_services") / "local_aws") as running:
        yield running


@pytest.fixture
def account(aws: LocalAws) -> Account:
    aws.reset()
    return Account.of_local_aws(aws, REGION)


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    return str(refused.value.response["Error"]["Code"])


def policy(*actions: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": CLOUDTRAIL, "Action": list(actions), "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trail(account: Account, name: str = "audit", **more: Any) -> Any:
    return account.client("cloudtrail").create_trail(Name=name, S3BucketName=BUCKET, **more)


def bucket(account: Account) -> None:
    account.client("s3").create_bucket(Bucket=BUCKET)
    account.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=policy("s3:GetBucketAcl", "s3:PutObject"))


def test_a_trail_needs_a_bucket_that_is_open_to_it(account: Account) -> None:
    account.client("s3").create_bucket(Bucket=BUCKET)
    assert refusal(lambda: trail(account)) == "InsufficientS3BucketPolicyException"
    other = {"StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:{REGION}:123456789012:trail/other"}}
    closed = policy("s3:GetBucketAcl", "s3:PutObject", Condition=other)
    account.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=closed)
    assert refusal(lambda: trail(account)) == "InsufficientS3BucketPolicyException"
    assert trail(account, "other")["Name"] == "other"


def test_a_trail_needs_a_key_and_a_log_group_that_it_can_use(account: Account) -> None:
    bucket(account)
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    assert refusal(lambda: trail(account, KmsKeyId=key)) == "InsufficientEncryptionPolicyException"
    group = f"arn:aws:logs:{REGION}:123456789012:log-group:absent:*"
    role = "arn:aws:iam::123456789012:role/audit"
    asked = {"CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role}
    assert refusal(lambda: trail(account, **asked)) == "InvalidCloudWatchLogsLogGroupArnException"


def test_a_region_has_five_trails_which_go_by_their_arn(account: Account, aws: LocalAws) -> None:
    bucket(account)
    made = [trail(account, f"trail-{number}")["TrailARN"] for number in range(5)]
    assert refusal(lambda: trail(account, "sixth")) == "MaximumNumberOfTrailsExceededException"
    cloudtrail = account.client("cloudtrail")
    (found,) = cloudtrail.describe_trails(trailNameList=[made[1]])["trailList"]
    assert found["Name"] == "trail-1"
    assert len(aws.leftovers()[f"{REGION}/cloudtrail/trails"]) == 5
    for arn in made:
        cloudtrail.delete_trail(Name=arn)
    assert cloudtrail.describe_trails()["trailList"] == []
    assert refusal(lambda: cloudtrail.delete_trail(Name=made[0])) == "TrailNotFoundException"


def test_a_region_has_one_detector_that_keeps_its_features(account: Account) -> None:
    guardduty = account.client("guardduty")
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    assert refusal(lambda: guardduty.create_detector(Enable=True)) == "BadRequestException"

    def features() -> dict[str, str]:
        return {one["Name"]: one["Status"] for one in guardduty.get_detector(DetectorId=detector)["Features"]}

    before = features()
    assert (before["EKS_AUDIT_LOGS"], before["RUNTIME_MONITORING"]) == ("ENABLED", "DISABLED")
    change = {"Name": "EKS_AUDIT_LOGS", "Status": "DISABLED"}
    guardduty.update_detector(DetectorId=detector, Features=[change])
    guardduty.update_detector(DetectorId=detector, FindingPublishingFrequency="ONE_HOUR")
    assert features() == {**before, "EKS_AUDIT_LOGS": "DISABLED"}


def test_config_needs_a_recorder_and_a_bucket(account: Account) -> None:
    config = account.client("config")
    assert refusal(lambda: config.put_config_rule(ConfigRule=RULE)) == "NoAvailableConfigurationRecorderException"
    role = "arn:aws:iam::123456789012:role/config"
    config.put_configuration_recorder(ConfigurationRecorder={"name": "it", "roleARN": role})
    channel = {"name": "it", "s3BucketName": "absent"}
    assert refusal(lambda: config.put_delivery_channel(DeliveryChannel=channel)) == "NoSuchBucketException"


def test_a_hub_is_turned_on_once_and_takes_its_standards_with_it(account: Account, aws: LocalAws) -> None:
    hub = account.client("securityhub")
    standard = {"StandardsArn": f"arn:aws:securityhub:{REGION}::standards/pci-dss/v/4.0.1"}
    assert refusal(lambda: hub.get_enabled_standards()) == "InvalidAccessException"
    hub.enable_security_hub(ControlFindingGenerator="STANDARD_CONTROL")
    assert refusal(lambda: hub.enable_security_hub()) == "ResourceConflictException"
    hub.update_security_hub_configuration(AutoEnableControls=False)
    described = hub.describe_hub()
    assert (described["ControlFindingGenerator"], described["AutoEnableControls"]) == ("STANDARD_CONTROL", False)
    (enabled,) = hub.batch_enable_standards(StandardsSubscriptionRequests=[standard])["StandardsSubscriptions"]
    assert aws.leftovers()[f"{REGION}/securityhub/hubs"] == ["default"]
    arns = [enabled["StandardsSubscriptionArn"]]
    assert hub.get_enabled_standards(StandardsSubscriptionArns=arns)["StandardsSubscriptions"] == [enabled]
    assert hub.batch_disable_standards(StandardsSubscriptionArns=arns)["StandardsSubscriptions"]
    hub.batch_enable_standards(StandardsSubscriptionRequests=[standard])
    hub.disable_security_hub()
    assert aws.leftovers() == {}
