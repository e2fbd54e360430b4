"""The account's audit: what it records, who may touch its log, and that there is one."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from lib.audit.sole_audit import ROLE_NAME
from lib.refusals import check
from tests.unit.stacks import Document, arguments, of_type, policies, settings, synthesized

EVERYTHING = {"account_guardduty": True, "account_config": True, "account_security_hub": True}
ACCOUNT = "${data.aws_caller_identity.account.account_id}"
TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/payment-audit-main"
BUCKET_ARN = "${aws_s3_bucket.audit_bucket.arn}"


def audit(**inputs: object) -> Document:
    return synthesized(architecture="account", environment_suffix="main", **inputs)


@pytest.fixture
def default() -> Document:
    return audit()


@pytest.fixture
def everything() -> Document:
    return audit(**EVERYTHING)


def statements(document: Document, address: str) -> dict[str, dict[str, Any]]:
    """The statements of a resource's policy, by their ids."""
    return {one["Sid"]: one for one in json.loads(arguments(document, address)["policy"])["Statement"]}


def test_the_trail_records_every_region_and_shows_what_was_changed(default: Document) -> None:
    trail = arguments(default, "aws_cloudtrail.audit_trail")
    assert trail["name"] == "payment-audit-main"
    switches = ("is_multi_region_trail", "include_global_service_events", "enable_log_file_validation")
    assert [trail[switch] for switch in switches] == [True, True, True]
    assert trail["kms_key_id"] == "${aws_kms_key.audit_key.arn}"
    assert trail["cloud_watch_logs_group_arn"] == "${aws_cloudwatch_log_group.audit_log_group.arn}:*"
    assert trail["cloud_watch_logs_role_arn"] == "${aws_iam_role.audit_role.arn}"
    assert trail["depends_on"] == [
        "aws_s3_bucket_policy.audit_bucket_policy",
        "aws_iam_role_policy_attachment.audit_delivery_attachment",
    ]


def test_the_key_lets_cloudtrail_encrypt_for_this_trail_alone(default: Document) -> None:
    key = arguments(default, "aws_kms_key.audit_key")
    assert (key["enable_key_rotation"], key["deletion_window_in_days"]) == (True, 7)
    found = statements(default, "aws_kms_key.audit_key")
    encrypts = found["CloudTrailEncrypts"]
    assert encrypts["Principal"] == {"Service": ["cloudtrail.amazonaws.com"]}
    assert encrypts["Action"] == ["kms:GenerateDataKey*", "kms:Decrypt"]
    assert encrypts["Condition"] == {
        "StringEquals": {"aws:SourceArn": TRAIL_ARN},
        "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"},
    }
    describes = found["CloudTrailDescribesTheKey"]
    assert (describes["Action"], describes["Condition"]) == (
        ["kms:DescribeKey"],
        {"StringEquals": {"aws:SourceArn": TRAIL_ARN}},
    )
    assert found["CloudWatchLogs"]["Principal"] == {"Service": ["logs.us-east-1.amazonaws.com"]}


def test_the_bucket_is_private_encrypted_and_versioned(default: Document) -> None:
    assert set(arguments(default, "aws_s3_bucket_public_access_block.audit_bucket_public_access").values()) >= {True}
    block = arguments(default, "aws_s3_bucket_public_access_block.audit_bucket_public_access")
    assert [value for key, value in block.items() if key.startswith(("block", "ignore", "restrict"))] == [True] * 4
    (rule,) = arguments(default, "aws_s3_bucket_server_side_encryption_configuration.audit_bucket_encryption")["rule"]
    assert rule == {
        "apply_server_side_encryption_by_default": {
            "kms_master_key_id": "${aws_kms_key.audit_key.arn}",
            "sse_algorithm": "aws:kms",
        },
        "bucket_key_enabled": True,
    }
    versioning = arguments(default, "aws_s3_bucket_versioning.audit_bucket_versioning")
    assert versioning["versioning_configuration"] == {"status": "Enabled"}
    owner = arguments(default, "aws_s3_bucket_ownership_controls.audit_bucket_ownership")
    assert owner["rule"] == {"object_ownership": "BucketOwnerEnforced"}


def test_the_bucket_takes_tls_only_and_one_trail(default: Document) -> None:
    found = statements(default, "aws_s3_bucket_policy.audit_bucket_policy")
    assert found["RefusePlainHttp"]["Effect"] == "Deny"
    assert found["RefusePlainHttp"]["Resource"] == [BUCKET_ARN, f"{BUCKET_ARN}/*"]
    assert found["RefusePlainHttp"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert found["CloudTrailSeesWhoseBucketItIs"]["Condition"] == {"StringEquals": {"aws:SourceArn": TRAIL_ARN}}
    writes = found["CloudTrailWrites"]
    assert writes["Resource"] == [f"{BUCKET_ARN}/AWSLogs/{ACCOUNT}/*"]
    assert writes["Condition"] == {
        "StringEquals": {"aws:SourceArn": TRAIL_ARN, "s3:x-amz-acl": "bucket-owner-full-control"}
    }


@pytest.mark.parametrize(
    ("environment_class", "days", "goes"), [("ephemeral", 7, True), ("staging", 30, True), ("production", 400, False)]
)
def test_the_class_says_how_long_the_log_is_kept_and_whether_it_goes(
    environment_class: str, days: int, goes: bool
) -> None:
    document = audit(environment_class=environment_class)
    assert arguments(document, "aws_s3_bucket.audit_bucket")["force_destroy"] is goes
    (rule,) = arguments(document, "aws_s3_bucket_lifecycle_configuration.audit_bucket_lifecycle")["rule"]
    assert rule["expiration"] == [{"days": days}]
    assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": days}]
    assert rule["abort_incomplete_multipart_upload"] == [{"days_after_initiation": 7}]
    assert arguments(document, "aws_cloudwatch_log_group.audit_log_group")["retention_in_days"] == days


def test_every_account_has_a_bucket_name_of_its_own(default: Document) -> None:
    name = arguments(default, "aws_s3_bucket.audit_bucket")["bucket"]
    assert name == f"payment-audit-{ACCOUNT}-us-east-1-main"


def test_the_longest_name_of_the_bucket_is_taken() -> None:
    inputs: dict[str, Any] = {"environment_suffix": "a" * 20, "aws_region": "ap-northeast-1", "architecture": "account"}
    document = synthesized(**inputs)
    name = arguments(document, "aws_s3_bucket.audit_bucket")["bucket"].replace(ACCOUNT, "1" * 12)
    assert len(name) == 62
    check(document, settings(**inputs))


def test_cloudtrail_writes_its_own_streams_and_nothing_else(default: Document) -> None:
    (write,) = statements(default, "aws_iam_policy.audit_delivery").values()
    assert write["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert write["Resource"] == [
        "${aws_cloudwatch_log_group.audit_log_group.arn}:log-stream:" + f"{ACCOUNT}_CloudTrail_*"
    ]


def test_only_one_audit_can_be_made(default: Document) -> None:
    role = arguments(default, "aws_iam_role.audit_role")
    assert role["name"] == "payment-audit-us-east-1-main"
    assert default["data"]["aws_iam_roles"]["audit_roles"]["name_regex"] == ROLE_NAME
    (condition,) = role["lifecycle"]["precondition"]
    assert '["payment-audit-us-east-1-main"]' in condition["condition"]
    assert "tap env destroy" in condition["error_message"]
    # Nothing is made before the check: it fails the plan, since it needs nothing that is not known then.
    assert "depends_on" not in default["data"]["aws_iam_roles"]["audit_roles"]


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("payment-audit-eu-west-1-main", ("eu-west-1", "main")),
        ("payment-audit-us-gov-west-1-a-2", ("us-gov-west-1", "a-2")),
        ("payment-audit-main", None),
        ("payment-audit-delivery-main", None),
        ("my-payment-audit-eu-west-1-main", None),
    ],
)
def test_the_name_of_an_audits_role_tells_its_region_and_suffix(role: str, names: tuple[str, str] | None) -> None:
    found = re.search(ROLE_NAME, role)
    assert (found.groups() if found else None) == names


def test_nothing_beside_the_trail_is_made_unless_it_is_asked_for(default: Document) -> None:
    services = {type_.split("_")[1] for type_ in default["resource"]}
    assert services == {"cloudtrail", "cloudwatch", "iam", "kms", "s3"}


@pytest.mark.parametrize(
    ("asked", "service", "output"),
    [
        ("account_guardduty", "guardduty", "guardduty_detector_id"),
        ("account_config", "config", "config_recorder_name"),
        ("account_security_hub", "securityhub", "security_hub_arn"),
    ],
)
def test_each_service_comes_with_its_setting(default: Document, asked: str, service: str, output: str) -> None:
    document = audit(**{asked: True})
    added = {type_ for type_ in document["resource"] if type_ not in default["resource"]}
    assert added
    assert {type_.split("_")[1] for type_ in added} == {service}
    assert document["output"].keys() - default["output"].keys() == {output}


def test_guardduty_watches_what_the_architectures_have(everything: Document) -> None:
    detector = arguments(everything, "aws_guardduty_detector.detector")
    assert (detector["enable"], detector["finding_publishing_frequency"]) == (True, "FIFTEEN_MINUTES")
    features = of_type(everything, "aws_guardduty_detector_feature").values()
    assert {feature["name"]: feature["status"] for feature in features} == {
        "S3_DATA_EVENTS": "ENABLED",
        "RDS_LOGIN_EVENTS": "ENABLED",
        "LAMBDA_NETWORK_LOGS": "ENABLED",
        "EKS_AUDIT_LOGS": "DISABLED",
        "EBS_MALWARE_PROTECTION": "DISABLED",
    }


def test_config_records_everything_by_a_role_of_its_own(everything: Document) -> None:
    recorder = arguments(everything, "aws_config_configuration_recorder.configuration_recorder")
    assert recorder["recording_group"] == {"all_supported": True, "include_global_resource_types": True}
    assert recorder["role_arn"] == "${aws_iam_role.configuration_role.arn}"
    trust = json.loads(arguments(everything, "aws_iam_role.configuration_role")["assume_role_policy"])
    assert trust["Statement"][0]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    reading = arguments(everything, "aws_iam_role_policy_attachment.configuration_reading")
    assert reading["policy_arn"] == "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"


def test_config_delivers_below_its_prefix_of_the_audits_bucket(everything: Document) -> None:
    channel = arguments(everything, "aws_config_delivery_channel.configuration_channel")
    assert (channel["s3_key_prefix"], channel["s3_kms_key_arn"]) == ("config", "${aws_kms_key.audit_key.arn}")
    found = statements(everything, "aws_iam_policy.configuration_delivery")
    assert found["DeliverToTheBucket"]["Resource"] == [f"{BUCKET_ARN}/config/AWSLogs/{ACCOUNT}/*"]
    assert found["SeeWhoseBucketItIs"]["Resource"] == [BUCKET_ARN]
    assert found["EncryptWhatIsDelivered"]["Resource"] == ["${aws_kms_key.audit_key.arn}"]


def test_config_is_on_before_what_reads_it(everything: Document) -> None:
    recording = arguments(everything, "aws_config_configuration_recorder_status.configuration_recording")
    assert recording["depends_on"] == ["aws_config_delivery_channel.configuration_channel"]
    rules = of_type(everything, "aws_config_config_rule")
    assert len(rules) == 10
    assert all(rule["source"]["owner"] == "AWS" for rule in rules.values())
    assert all(rule["name"].startswith("payment-") and rule["name"].endswith("-main") for rule in rules.values())
    hub = arguments(everything, "aws_securityhub_account.security_hub")
    assert hub["depends_on"] == ["aws_config_configuration_recorder_status.configuration_recording"]
    alone = arguments(audit(account_security_hub=True), "aws_securityhub_account.security_hub")
    assert "depends_on" not in alone


def test_security_hub_has_the_standards_that_are_named_and_no_other(everything: Document) -> None:
    assert arguments(everything, "aws_securityhub_account.security_hub")["enable_default_standards"] is False
    standards = of_type(everything, "aws_securityhub_standards_subscription")
    assert {one["standards_arn"] for one in standards.values()} == {
        "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0",
        "arn:aws:securityhub:us-east-1::standards/pci-dss/v/4.0.1",
    }


def test_other_partitions_have_their_own_arns() -> None:
    document = audit(aws_region="us-gov-west-1", availability_zones="a,b,c", **EVERYTHING)
    text = json.dumps(document)
    assert "arn:aws-us-gov:securityhub:us-gov-west-1::standards/" in text
    assert "arn:aws:" not in text


def test_roles_are_given_named_actions_on_named_resources(everything: Document) -> None:
    for address, policy in policies(everything):
        for statement in policy["Statement"]:
            if address.startswith("aws_iam_policy."):
                assert not any("*" in action for action in statement["Action"]), address
                assert "*" not in statement["Resource"], address


@pytest.mark.parametrize("environment_class", ["ephemeral", "production"])
def test_aws_would_take_it(environment_class: str) -> None:
    inputs = {"architecture": "account", "environment_class": environment_class, **EVERYTHING}
    check(synthesized(**inputs), settings(**inputs))


def test_what_an_operator_needs_is_an_output(everything: Document) -> None:
    assert set(everything["output"]) == {
        "environment_suffix",
        "aws_region",
        "trail_name",
        "trail_arn",
        "audit_key_arn",
        "audit_log_group_name",
        "audit_bucket_name",
        "audit_bucket_arn",
        "config_recorder_name",
        "security_hub_arn",
        "guardduty_detector_id",
    }
