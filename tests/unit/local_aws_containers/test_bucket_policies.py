"""A bucket's policy is evaluated with its conditions."""

from typing import Any

import pytest
from moto.iam.access_control import PermissionResult

from local_aws.repairs.s3_policies import permission

BUCKET = "arn:aws:s3:::payment"


def statement(effect: str, **changed: Any) -> dict[str, Any]:
    """A statement about everybody and everything in the bucket."""
    return {"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": [BUCKET, f"{BUCKET}/*"], **changed}


def condition(value: object) -> dict[str, Any]:
    """A condition on TLS."""
    return {"Condition": {"Bool": {"aws:SecureTransport": value}}}


@pytest.mark.parametrize(
    ("statements", "result"),
    [
        ([], PermissionResult.NEUTRAL),
        ([statement("Deny", **condition("false"))], PermissionResult.NEUTRAL),
        ([statement("Deny", **condition("true"))], PermissionResult.DENIED),
        ([statement("Allow", **condition(True))], PermissionResult.PERMITTED),
        ([statement("Allow"), statement("Deny", Action="s3:Get*")], PermissionResult.DENIED),
        ([statement("Deny", Action="s3:PutObject")], PermissionResult.NEUTRAL),
        ([statement("Allow", Principal={"AWS": "arn:aws:iam::123456789012:root"})], PermissionResult.NEUTRAL),
        ([statement("Deny", Condition={"StringNotEquals": {"s3:x-amz-acl": "private"}})], PermissionResult.NEUTRAL),
    ],
)
def test_conditions_are_evaluated(statements: list[dict[str, Any]], result: PermissionResult) -> None:
    assert permission(statements, "s3:GetObject", f"{BUCKET}/context.zip") is result
