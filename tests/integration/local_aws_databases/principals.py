"""Users and roles of IAM that sign tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from tests.integration.local_aws_databases.conftest import Aws

Put = Callable[[str], object]


@dataclass(frozen=True)
class Principal:
    """Someone with credentials of their own, who may do nothing at first."""

    aws: Aws
    credentials: Mapping[str, str]
    """As environment variables."""
    put_policy: Put

    @property
    def rds(self) -> Any:
        create: Any = boto3.client
        names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        keys = {name: self.credentials.get(name.upper()) for name in names}
        return create("rds", region_name=self.aws.region, **keys)

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

    return Principal(aws, _variables(key), put)


def make_role(aws: Aws, name: str) -> Principal:
    """A role, with the credentials of one of its sessions."""
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    session = aws.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="own")["Credentials"]

    def put(policy: str) -> object:
        return iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)

    return Principal(aws, _variables(session), put)


def _variables(key: Mapping[str, str]) -> dict[str, str]:
    names = {
        "AccessKeyId": "AWS_ACCESS_KEY_ID",
        "SecretAccessKey": "AWS_SECRET_ACCESS_KEY",
        "SessionToken": "AWS_SESSION_TOKEN",
    }
    return {variable: key[name] for name, variable in names.items() if name in key}
