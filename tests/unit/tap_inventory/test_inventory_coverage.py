"""Each type of the stack is found somehow."""

from __future__ import annotations

from importlib import import_module

import pytest

from tap.inventory.coverage import COVERAGE, Found
from tap.inventory.descriptions import ONE
from tap.inventory.existence_checks import BATCHED
from tap.inventory.listers import LISTERS
from tests.unit.stacks import synthesized

CONTAINERS: dict[str, object] = {"architecture": "containers", "domain": "acme.org", "parent_zone_id": "Z123456ABCDEFG"}
VARIANTS: tuple[dict[str, object], ...] = (
    {"approval_threshold": 10_000, "db_proxy": True},
    {"approval_threshold": 1, "nat_gateways": "none", "function_url": True, "alert_email": "a@acme.org"},
    {"domain": "pay.acme.org", "parent_zone_id": "Z123456ABCDEFG"},
    {"environment_class": "production", "db_authentication": "iam"},
    {"api_authorization": "JWT", "api_jwt_issuer": "https://id.acme.org", "api_jwt_audience": "payments"},
    {"architecture": "multi-region"},
    {
        "architecture": "account",
        "account_guardduty": True,
        "account_config": True,
        "account_security_hub": True,
    },
    {"architecture": "multi-region", "domain": "pay.acme.org", "parent_zone_id": "Z123456ABCDEFG"},
    {**CONTAINERS, "deployment_strategy": "blue-green", "alert_email": "a@acme.org"},
    {**CONTAINERS, "standby_region": "us-east-2", "environment_class": "production"},
)
NOT_BY_NAME = {"logs:log-group", "events:rule", "apigateway:apis", "apigateway:domainnames", "guardduty:detector"}
"""Types that `descriptions.one_exists` has a case of its own for."""

TAGS_UNREAD = ("iam:role", "aws_vpc", "rds:global-cluster", "application-autoscaling:scalable-target", "aws_s3_bucket")
"""What has tags and is found in another way: the tagging API does not read those of roles, of scalable targets, nor of
objects in buckets."""


@pytest.mark.parametrize("inputs", VARIANTS, ids=lambda inputs: ",".join(inputs))
def test_every_type_of_the_stack_is_covered(inputs: dict[str, object]) -> None:
    assert synthesized(**inputs)["resource"].keys() <= COVERAGE.keys()


def test_no_type_is_covered_that_no_stack_has() -> None:
    types = {type_ for inputs in VARIANTS for type_ in synthesized(**inputs)["resource"]}
    assert types == COVERAGE.keys()


def test_everything_with_tags_can_be_asked_whether_it_exists() -> None:
    tagged = {one.as_ for one in COVERAGE.values() if one.found is Found.BY_TAGS}
    assert tagged <= BATCHED.keys() | ONE.keys() | NOT_BY_NAME


def test_what_needs_a_lister_has_one_that_says_why() -> None:
    needed = {one.as_ for one in COVERAGE.values() if one.found is Found.BY_LISTER}
    assert needed <= {lister.type for lister in LISTERS} | {"iam:role"}
    assert all(lister.reason.endswith(".") for lister in LISTERS)


def test_a_part_goes_with_something_that_is_found() -> None:
    owners = {one.as_ for one in COVERAGE.values() if one.found is Found.WITH_OWNER}
    assert all(COVERAGE[owner].found is not Found.WITH_OWNER for owner in owners)


def test_what_has_a_tags_argument_is_found_by_tags_or_says_why_not() -> None:
    """The bindings, generated from the provider's schema, say which types have tags."""
    for type_, coverage in COVERAGE.items():
        module = import_module(f"cdktf_cdktf_provider_aws.{type_.removeprefix('aws_')}")
        # jsii ends a class with an A whose name with Config would be that of another.
        named = {type_.removeprefix("aws_").replace("_", "") + end for end in ("", "a")}
        classes = [value for name, value in vars(module).items() if name.lower() in named]
        has_tags = any(hasattr(one, "tags_all") for one in classes)
        assert classes, type_
        if coverage.found is Found.BY_TAGS:
            assert has_tags, type_
        elif has_tags:
            assert coverage.as_ in TAGS_UNREAD, type_
