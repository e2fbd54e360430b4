"""Users and roles of IAM that sign tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3

from tests.integration.local_aws_databases.conftest import Aws

Put = Callable[[str], object]


@dataclass(frozen=True)
class Principal:
    """Someone with credentials of their own, who may do nothing at first."""

    rds: Any
    put_policy: Put

    def allow(self, action: str, resource: str) -> None:
        """Allows this, and nothing else any more."""
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        self.put_policy(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def make_user(aws: Aws, name: str) -> Principal:
    iam = aws.client("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]

    def put(policy: str) -> object:
        return iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy)

    return Principal(_rds(aws, key["AccessKeyId"], key["SecretAccessKey"]), put)


def make_role(aws: Aws, name: str) -> Principal:
    """A role, with the credentials of one of its sessions."""
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    session = aws.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="own")["Credentials"]

    def put(policy: str) -> object:
        return iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)

    return Principal(_rds(aws, session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]), put)


def _rds(aws: Aws, key: str, secret: str, token: str | None = None) -> Any:
    create: Any = boto3.client
    return create(
        "rds",
        region_name=aws.region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )
