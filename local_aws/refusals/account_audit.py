"""What AWS refuses of an account's audit and moto accepts: what exists once, and ways of delivery that are closed."""

from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.functions.policy import Access, allows, statements_of
from local_aws.references import key_of
from local_aws.registry import refuses

MOST_TRAILS = 5
"""In a Region: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html"""
CLOUDTRAIL = "cloudtrail.amazonaws.com"


@refuses("guardduty", "CreateDetector")
def second_detector(call: Call) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html"""
    if call.backend().detectors:
        raise AwsError(
            "BadRequestException",
            "The request is rejected because a detector already exists for the current account.",
        )


@refuses("securityhub", "EnableSecurityHub")
def second_hub(call: Call) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableSecurityHub.html"""
    if call.backend().enabled:
        raise AwsError("ResourceConflictException", "Account is already subscribed to Security Hub", 409)


@refuses("config", "PutConfigRule")
def rule_without_recorder(call: Call) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigRule.html"""
    if not call.backend().recorders:
        raise AwsError(
            "NoAvailableConfigurationRecorderException",
            "Configuration recorder is not available to put config rule.",
        )


@refuses("config", "PutDeliveryChannel")
def channel_to_no_bucket(call: Call) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutDeliveryChannel.html"""
    name = call.params["DeliveryChannel"].get("s3BucketName")
    if name and _bucket(call, name) is None:
        raise AwsError("NoSuchBucketException", f"Cannot find a S3 bucket with an empty bucket name: {name}")


@refuses("cloudtrail", "CreateTrail")
def too_many_trails(call: Call) -> None:
    """A Region has room for five."""
    if len(call.backend().trails) >= MOST_TRAILS:
        raise AwsError(
            "MaximumNumberOfTrailsExceededException",
            f"User: {call.account_id} already has {MOST_TRAILS} trails in {call.region}.",
        )


@refuses("cloudtrail", "CreateTrail", "UpdateTrail")
def bucket_closed_to_the_trail(call: Call) -> None:
    """CloudTrail must be let see whose the bucket is, and write below its prefix.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    bucket = _bucket(call, call.params.get("S3BucketName", ""))
    if bucket is None:
        return  # moto says so.
    statements = statements_of(bucket.policy.decode() if bucket.policy else None)
    arn, prefix = f"arn:aws:s3:::{bucket.name}", call.params.get("S3KeyPrefix")
    path = f"{arn}/{prefix + '/' if prefix else ''}AWSLogs/{call.account_id}/CloudTrail/any"
    context = _context(call) | {"s3:x-amz-acl": "bucket-owner-full-control"}
    accesses = (
        Access("s3:GetBucketAcl", arn, CLOUDTRAIL, context),
        Access("s3:PutObject", path, CLOUDTRAIL, context),
    )
    if not all(allows(statements, access, resource_policy=True) for access in accesses):
        raise AwsError(
            "InsufficientS3BucketPolicyException", f"Incorrect S3 bucket policy is detected for bucket: {bucket.name}"
        )


@refuses("cloudtrail", "CreateTrail", "UpdateTrail")
def key_closed_to_the_trail(call: Call) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"""
    identity = call.params.get("KmsKeyId")
    if not identity:
        return
    key = key_of(call, identity)
    context = _context(call)
    context |= {"kms:encryptioncontext:aws:cloudtrail:arn": context["aws:sourcearn"]}
    access = Access("kms:GenerateDataKey", key.arn if key else "", CLOUDTRAIL, context)
    if key is None or not allows(statements_of(key.policy), access, resource_policy=True):
        raise AwsError(
            "InsufficientEncryptionPolicyException",
            f"Insufficient permissions to access S3 bucket {call.params.get('S3BucketName')} or KMS key {identity}.",
        )


@refuses("cloudtrail", "CreateTrail", "UpdateTrail")
def log_group_that_does_not_exist(call: Call) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html"""
    arn = call.params.get("CloudWatchLogsLogGroupArn")
    groups = call.backend("logs").groups.values()
    if arn and arn.removesuffix(":*") not in {group.arn for group in groups}:
        raise AwsError("InvalidCloudWatchLogsLogGroupArnException", f"Access denied. Check the log group: {arn}")


def _context(call: Call) -> dict[str, str]:
    name = call.params["Name"].rpartition("/")[2]
    return {"aws:sourcearn": call.arn(f"trail/{name}"), "aws:sourceaccount": call.account_id}


def _bucket(call: Call, name: str) -> Any:
    return call.backend("s3").buckets.get(name)
