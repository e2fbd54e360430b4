"""Which environment tags speak for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.settings import load_settings
from tap.inventory.resource import Resource, belongs_to, environment_tags, resource_type, suffix_of

SUFFIXES = st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,8}", fullmatch=True)


@given(SUFFIXES)
def test_the_tags_are_those_that_the_stack_gives(suffix: str) -> None:
    tags = load_settings(environment_suffix=suffix).tags
    assert environment_tags(suffix).items() <= tags.items()
    assert suffix_of(tags) == suffix


@given(SUFFIXES, SUFFIXES)
def test_tags_of_one_environment_never_speak_for_another(one: str, other: str) -> None:
    assert belongs_to(environment_tags(one), other) == (one == other)


@pytest.mark.parametrize(
    "change",
    [{"EnvironmentSuffix": "pr-12"}, {"Environment": "payment-pr-12"}, {"ManagedBy": "hand"}, {"Environment": ""}],
)
def test_tags_that_disagree_speak_for_none(change: dict[str, str]) -> None:
    assert suffix_of({**environment_tags("pr-1"), **change}) is None


@pytest.mark.parametrize("suffix", ["", "PR-1", "pr--1", "-pr", "a" * 21, "pr_1", "pr-1\n"])
def test_what_is_no_suffix_speaks_for_none(suffix: str) -> None:
    assert suffix_of(environment_tags(suffix)) is None


@pytest.mark.parametrize(
    ("arn", "type_", "name"),
    [
        ("arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1", "ec2:vpc", "vpc-1"),
        ("arn:aws:sqs:eu-west-1:123456789012:payment-replay-a", "sqs:queue", "payment-replay-a"),
        ("arn:aws:sns:eu-west-1:123456789012:payment-alerts-a", "sns:topic", "payment-alerts-a"),
        ("arn:aws:s3:::payment-logs-a", "s3:bucket", "payment-logs-a"),
        ("arn:aws:rds:eu-west-1:123456789012:cluster:payment-cluster-a", "rds:cluster", "payment-cluster-a"),
        ("arn:aws:apigateway:eu-west-1::/apis/abc", "apigateway:apis", "abc"),
        ("arn:aws:iam::123456789012:role/payment-x-a", "iam:role", "payment-x-a"),
        ("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/f-a", "logs:log-group", "/aws/lambda/f-a"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:payment-a", "lambda:function", "payment-a"),
        ("arn:aws:ssm:eu-west-1:123456789012:parameter/payment/a/x", "ssm:parameter", "x"),
    ],
)
def test_what_an_arn_says(arn: str, type_: str, name: str) -> None:
    resource = Resource(arn, resource_type(arn))
    assert (resource.type, resource.name) == (type_, name)
    assert resource.region == ("" if ":iam:" in arn or ":s3:" in arn else "eu-west-1")
