"""Policy statements are read as AWS reads them, and never more generously."""

from typing import Any

import pytest

from local_aws.functions.policy import Access, allows, service_access, statements_of

FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:pay"
RULE = "arn:aws:events:eu-central-1:123456789012:rule/payments/all"
GRANT: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "lambda:InvokeFunction",
    "Resource": FUNCTION,
    "Condition": {"ArnLike": {"AWS:SourceArn": RULE}},
}
ACCESS = service_access("lambda:InvokeFunction", FUNCTION, "events.amazonaws.com", RULE, "123456789012")


def test_a_service_is_granted_access_for_its_resource() -> None:
    assert allows([GRANT], ACCESS, resource_policy=True)


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": {"Service": "sns.amazonaws.com"}},
        {"Principal": {"AWS": "*"}},
        {"Action": "lambda:InvokeFunctionUrl"},
        {"Resource": f"{FUNCTION}:live"},
        {"Condition": {"ArnLike": {"AWS:SourceArn": f"{RULE}-2"}}},
        {"Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:*"}}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
        {"Condition": {"SomethingNew": {"aws:SourceArn": RULE}}},
        {"Effect": "Deny"},
    ],
)
def test_it_is_not_granted_when_anything_differs(change: dict[str, Any]) -> None:
    assert not allows([{**GRANT, **change}], ACCESS, resource_policy=True)


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": "*"},
        {"Action": ["sqs:SendMessage", "Lambda:*"]},
        {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/payments/*"}}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": ["123456789012"]}}},
        {"Condition": {"StringLike": {"aws:SourceArn": "*payments*"}}},
        {"Resource": "*"},
    ],
)
def test_wildcards_and_lists_are_understood(change: dict[str, Any]) -> None:
    assert allows([{**GRANT, **change}], ACCESS, resource_policy=True)


def test_a_deny_wins() -> None:
    assert not allows([GRANT, {**GRANT, "Effect": "Deny"}], ACCESS, resource_policy=True)


def test_an_identity_policy_has_no_principal() -> None:
    statements = statements_of('{"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:logs:*"}}')
    assert allows(statements, Access("logs:PutLogEvents", "arn:aws:logs:eu-central-1:1:log-group:a"))
    assert not allows(statements, Access("iam:CreateUser", "arn:aws:logs:eu-central-1:1:log-group:a"))
    assert not allows(statements, Access("logs:PutLogEvents", "arn:aws:sqs:eu-central-1:1:queue"))


def test_no_document_has_no_statements() -> None:
    assert statements_of(None) == []
    assert statements_of("") == []


def test_special_characters_in_a_pattern_mean_themselves() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/[a].txt"}
    assert allows([statement], Access("s3:GetObject", "arn:aws:s3:::bucket/[a].txt"))
    assert not allows([statement], Access("s3:GetObject", "arn:aws:s3:::bucket/a.txt"))
    assert not allows([statement], Access("s3:GetObject", "arn:aws:s3:::bucket/[a]xtxt"))
