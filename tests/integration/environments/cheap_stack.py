"""A dozen cheap resources with an environment's tags, for tests of how one is removed: deployed in seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lib.provider_options import provider_options, s3_backend, state_file, state_key
from lib.settings import load_settings
from tap.provider_mirror import PROVIDER_VERSION

REGION = "us-east-1"
PARAMETERS = 6
Resources = dict[str, dict[str, dict[str, Any]]]


def write_cheap_stack(
    directory: Path,
    suffix: str,
    *,
    endpoint_url: str,
    bucket: str | None,
    region: str = REGION,
    protected: bool = False,
    resources: Resources | None = None,
    **inputs: Any,
) -> Path:
    """Write the configuration to `directory/stacks/TapStack{suffix}`, with the backend that the real stack has.

    `protected`: the table has deletion protection on. `resources` are other ones in place of all. Returns the folder.
    """
    settings = load_settings(_env_file=None, environment_suffix=suffix, aws_region=region, **inputs)
    folder = directory / "stacks" / settings.stack_name
    folder.mkdir(parents=True, exist_ok=True)
    if bucket:
        key = state_key(settings.architecture, suffix)
        backend = {"s3": s3_backend(bucket=bucket, key=key, region=REGION, endpoint_url=endpoint_url)}
    else:
        backend = {"local": {"path": str(directory / state_file(settings.architecture, suffix))}}
    provider = provider_options(region=region, tags=settings.tags, endpoint_url=endpoint_url)
    content = {
        "terraform": {
            "backend": backend,
            "required_providers": {"aws": {"source": "aws", "version": PROVIDER_VERSION}},
        },
        "provider": {"aws": [provider]},
        "resource": resources or _resources(suffix, protected),
    }
    if resources is None:
        content["output"] = {"topic": {"value": "${aws_sns_topic.topic.arn}"}}
    (folder / "cdk.tf.json").write_text(json.dumps(content, indent=2))
    return folder


def _resources(suffix: str, protected: bool) -> Resources:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    send = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "${aws_sns_topic.topic.arn}"}
    return {
        "aws_kms_key": {"key": {"description": f"Everything of {suffix}", "deletion_window_in_days": 7}},
        "aws_kms_alias": {
            "alias": {"name": f"alias/payment-key-{suffix}", "target_key_id": "${aws_kms_key.key.key_id}"}
        },
        "aws_sns_topic": {"topic": {"name": f"payment-topic-{suffix}", "tags": {"Name": "own"}}},
        "aws_cloudwatch_log_group": {
            "log": {"name": f"/aws/lambda/payment-processor-{suffix}", "retention_in_days": 7}
        },
        "aws_ssm_parameter": {f"p{number}": _parameter(suffix, number) for number in range(PARAMETERS)},
        "aws_dynamodb_table": {
            "table": {
                "name": f"payment-sessions-{suffix}",
                "billing_mode": "PAY_PER_REQUEST",
                "hash_key": "id",
                "attribute": [{"name": "id", "type": "S"}],
                "deletion_protection_enabled": protected,
            }
        },
        "aws_iam_role": {"role": {"name": f"payment-role-{suffix}", "assume_role_policy": _policy(trust)}},
        "aws_iam_policy": {"send": {"name": f"payment-send-{suffix}", "policy": _policy(send)}},
        "aws_iam_role_policy_attachment": {
            "send": {"role": "${aws_iam_role.role.name}", "policy_arn": "${aws_iam_policy.send.arn}"}
        },
    }


def _parameter(suffix: str, number: int) -> dict[str, Any]:
    """One of a chain, which is removed one after the other, so that a test can come in between."""
    before = f"aws_ssm_parameter.p{number - 1}" if number else "aws_sns_topic.topic"
    return {"name": f"/payment/{suffix}/p{number}", "type": "String", "value": "anything", "depends_on": [before]}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
