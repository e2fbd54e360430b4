"""What all parts of the configuration need: names and policy documents."""

import json
from typing import Any

Resources = dict[str, dict[str, dict[str, Any]]]

REGION = "us-east-1"
ACCOUNT = "123456789012"
NAME = "payment-it"


def document(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]})


def allow(actions: str | list[str], resources: str | list[str]) -> dict[str, Any]:
    """A statement of a role's policy."""
    return {"Action": actions, "Resource": resources}


def trust(service: str) -> str:
    """A role's policy that lets an AWS service take it."""
    return document({"Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"})


def role(name: str, service: str, *statements: dict[str, Any]) -> Resources:
    """A role with one policy."""
    return {
        "aws_iam_role": {name: {"name": f"{NAME}-{name}", "assume_role_policy": trust(service)}},
        "aws_iam_role_policy": {
            name: {"name": name, "role": f"${{aws_iam_role.{name}.name}}", "policy": document(*statements)}
        },
    }


def tls_only(bucket: str) -> dict[str, Any]:
    """A statement of a bucket's policy that refuses what does not come by TLS."""
    arn = f"${{aws_s3_bucket.{bucket}.arn}}"
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
