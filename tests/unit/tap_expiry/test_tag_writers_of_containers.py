"""The service's own call tags each type of the container architecture, where the tagging API does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from boto3 import Session
from botocore.stub import Stubber
from moto import mock_aws

from tap.account import Account
from tap.expiry.tag_writers import write_tags
from tap.inventory.resource import Resource, resource_type

HERE = "eu-west-1:123456789012"
TAGS = {"ExpiresAt": "2030-01-31T16:00:00+00:00"}
PAIRS = [{"Key": "ExpiresAt", "Value": TAGS["ExpiresAt"]}]
LOWER = [{"key": "ExpiresAt", "value": TAGS["ExpiresAt"]}]

# The rest of the ARN, the client, and the call with what it is given beside the ARN.
WAYS = [
    (f"application-autoscaling:{HERE}:scalable-target/1", "application-autoscaling", "tag_resource", {"Tags": TAGS}),
    (f"codedeploy:{HERE}:application:a", "codedeploy", "tag_resource", {"Tags": PAIRS}),
    (f"ecr:{HERE}:repository/r", "ecr", "tag_resource", {"tags": PAIRS}),
    (f"ecs:{HERE}:service/c/s", "ecs", "tag_resource", {"tags": LOWER}),
    (f"elasticloadbalancing:{HERE}:targetgroup/g/1", "elbv2", "add_tags", {"Tags": PAIRS}),
    (f"servicediscovery:{HERE}:namespace/ns-1", "servicediscovery", "tag_resource", {"Tags": PAIRS}),
    (f"fis:{HERE}:experiment-template/t", "fis", "tag_resource", {"tags": TAGS}),
    (f"synthetics:{HERE}:canary:c", "synthetics", "tag_resource", {"Tags": TAGS}),
    (f"wafv2:{HERE}:regional/webacl/payment-web-acl/1-2-3-4", "wafv2", "tag_resource", {"Tags": PAIRS}),
]


class Refusing:
    """An account whose tagging API refuses everything."""

    region, global_region = "eu-west-1", "us-east-1"

    def __init__(self) -> None:
        self.account = Account(Session("testing", "testing", region_name=self.region))

    def client(self, service: str, region: str | None = None) -> Any:
        return self if service == "resourcegroupstaggingapi" else self.account.client(service, region)

    def tag_resources(self, *, ResourceARNList: list[str], Tags: object) -> dict[str, Any]:  # noqa: N803, ARG002
        return {"FailedResourcesMap": {arn: {"ErrorCode": "InternalServiceException"} for arn in ResourceARNList}}


@pytest.fixture
def account() -> Iterator[Refusing]:
    with mock_aws():
        yield Refusing()


def write(account: Refusing, arn: str) -> list[tuple[Resource, str]]:
    return write_tags(cast(Account, account), [Resource(arn, resource_type(arn))], TAGS)


@pytest.mark.parametrize(("rest", "service", "operation", "given"), WAYS, ids=[way[1] for way in WAYS])
def test_each_service_has_its_way(
    account: Refusing, rest: str, service: str, operation: str, given: dict[str, Any]
) -> None:
    arn = f"arn:aws:{rest}"
    named = {"ResourceArns": [arn]} if operation == "add_tags" else {_argument(service): arn}
    with Stubber(account.client(service, "eu-west-1")) as client:
        client.add_response(operation, {}, {**named, **given})
        assert write(account, arn) == []
        client.assert_no_pending_responses()


def _argument(service: str) -> str:
    if service in ("ecr", "ecs", "fis"):
        return "resourceArn"
    return "ResourceArn" if service in ("codedeploy", "synthetics") else "ResourceARN"


def test_the_other_tags_of_a_project_stay(account: Refusing) -> None:
    kept = {"key": "Owner", "value": "payments"}
    held = [kept, {"key": "ExpiresAt", "value": "2029-01-01T00:00:00+00:00"}]
    with Stubber(account.client("codebuild", "eu-west-1")) as client:
        client.add_response("batch_get_projects", {"projects": [{"tags": held}]}, {"names": ["payment-service"]})
        client.add_response("update_project", {}, {"name": "payment-service", "tags": [kept, *LOWER]})
        assert write(account, f"arn:aws:codebuild:{HERE}:project/payment-service") == []
        client.assert_no_pending_responses()
