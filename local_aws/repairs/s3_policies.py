"""Repairs of S3: bucket policies.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-auth-workflow-bucket-operation.html
"""

from collections.abc import Iterable
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from local_aws.functions.policy import Access, Statement, allows, statements_of
from local_aws.registry import installs, patch

CONTEXT = {"aws:securetransport": "true"}
"""What is known of each request: the local AWS's plain HTTP stands for AWS's TLS."""


@installs
def evaluate_conditions() -> None:
    """moto denies everything to everybody where a policy has a condition that it does not know, such as TLS only."""

    def get_permission(bucket: Any, action: str, resource: str) -> PermissionResult:
        document = bucket.policy.decode() if bucket.policy else None
        return permission(statements_of(document), action, resource)

    patch(FakeBucket, get_permission=get_permission)


def permission(statements: Iterable[Statement], action: str, resource: str) -> PermissionResult:
    """What a policy says of a call of anybody."""
    access, comparable = Access(action, resource, context=CONTEXT), [_comparable(one) for one in statements]
    for effect, result in (("Deny", PermissionResult.DENIED), ("Allow", PermissionResult.PERMITTED)):
        applying = [{**one, "Effect": "Allow"} for one in comparable if one.get("Effect") == effect]
        if allows(applying, access, resource_policy=True):
            return result
    return PermissionResult.NEUTRAL


def _comparable(statement: Statement) -> Statement:
    """The statement with its conditions on truth as conditions on text, which are known."""
    conditions = dict(statement.get("Condition") or {})
    for key, value in conditions.pop("Bool", {}).items():
        values = value if isinstance(value, list) else [value]
        texts = {**conditions.get("StringEquals", {}), key: [str(one).lower() for one in values]}
        conditions["StringEquals"] = texts
    return {**statement, "Condition": conditions}
