"""Makes what an account's audit has: each returns the ARN."""

from __future__ import annotations

from tests.unit.tap_removal.maker import ACCOUNT, Maker


def trail(make: Maker) -> str:
    bucket = f"payment-trail-{make.name}"
    make.s3.create_bucket(Bucket=bucket)
    made = make.cloudtrail.create_trail(Name=f"payment-{make.name}", S3BucketName=bucket, TagsList=make.pairs)
    return str(made["TrailARN"])


def detector(make: Maker) -> str:
    made = make.guardduty.create_detector(Enable=True, Tags=make.tags)
    return f"arn:aws:guardduty:{make.account.region}:{ACCOUNT}:detector/{made['DetectorId']}"


def rule(make: Maker) -> str:
    name = f"payment-{make.name}"
    source = {"Owner": "AWS", "SourceIdentifier": "RDS_STORAGE_ENCRYPTED"}
    make.config.put_config_rule(ConfigRule={"ConfigRuleName": name, "Source": source}, Tags=make.pairs)
    (found,) = make.config.describe_config_rules(ConfigRuleNames=[name])["ConfigRules"]
    return str(found["ConfigRuleArn"])
