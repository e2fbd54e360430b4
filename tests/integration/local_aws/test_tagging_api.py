"""The Resource Groups Tagging API: finds what AWS's finds, wherever tags were written, and nothing that is gone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from tests.integration.local_aws import (
    taggable_access,
    taggable_data,
    taggable_network,
    taggable_services,
)
from tests.integration.local_aws.conftest import REGION, Cloud, outcome
from tests.integration.local_aws.resources import function, role
from tests.integration.local_aws.taggable import MAKERS, arn, pairs

# Their import registers what they make.
MODULES = (taggable_access, taggable_data, taggable_network, taggable_services)
TAGS = {"Project": "payment", "EnvironmentSuffix": "pr-1"}
BY_SUFFIX = [{"Key": "EnvironmentSuffix", "Values": ["pr-1"]}]
THOUSANDS = 1500


def found(cloud: Cloud, **given: object) -> dict[str, dict[str, str]]:
    """Tags of what GetResources returns, by ARN."""
    return {resource: tags for page in pages(cloud, **given) for resource, tags in page}


def pages(cloud: Cloud, **given: object) -> Iterator[list[tuple[str, dict[str, str]]]]:
    """ARN and tags of each resource, page by page."""
    for page in cloud.resourcegroupstaggingapi.get_paginator("get_resources").paginate(**given):
        resources = page["ResourceTagMappingList"]
        yield [(one["ResourceARN"], {tag["Key"]: tag["Value"] for tag in one["Tags"]}) for one in resources]


def elsewhere(cloud: Cloud, region: str) -> Any:
    """The tagging API of another Region."""
    create: Any = boto3.client
    return create(
        "resourcegroupstaggingapi",
        region_name=region,
        endpoint_url=cloud.endpoint_url,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="secret",
    )


@pytest.mark.parametrize("name", MAKERS)
def test_type(ours: Cloud, name: str) -> None:
    """Found by its tag, tagged and untagged for its own service to see, gone with its deletion."""
    made = MAKERS[name](ours, TAGS)
    assert found(ours, TagFilters=BY_SUFFIX) == {made.arn: TAGS}
    assert found(ours, ResourceARNList=[made.arn]) == {made.arn: TAGS}
    api = ours.resourcegroupstaggingapi
    added = api.tag_resources(ResourceARNList=[made.arn], Tags={"ExpiresAt": "2026-01-01", "Project": "other"})
    assert added["FailedResourcesMap"] == {}
    assert made.tags() == {**TAGS, "ExpiresAt": "2026-01-01", "Project": "other"}
    dropped = api.untag_resources(ResourceARNList=[made.arn], TagKeys=["Project"])
    assert dropped["FailedResourcesMap"] == {}
    assert made.tags() == {"EnvironmentSuffix": "pr-1", "ExpiresAt": "2026-01-01"}
    assert found(ours, TagFilters=BY_SUFFIX) == {made.arn: dict(made.tags())}
    made.delete()
    assert found(ours) == {}


@pytest.mark.parametrize("name", ["bucket", "log group", "backup vault", "schedule group", "metric alarm", "trail"])
def test_what_is_made_again_has_none_of_the_old_tags(ours: Cloud, name: str) -> None:
    made = MAKERS[name](ours, TAGS)
    made.delete()
    again = MAKERS[name](ours, {})
    assert again.arn == made.arn
    assert found(ours) == {}


def test_state_machine_that_is_made_again_has_none_of_the_old_tags(ours: Cloud) -> None:
    MAKERS["state machine"](ours, TAGS).delete()
    ours.iam.delete_role(RoleName="states-role")
    MAKERS["state machine"](ours, {})
    assert found(ours) == {}


def test_key_that_waits_for_its_deletion_is_returned(ours: Cloud) -> None:
    tags = [{"TagKey": key, "TagValue": value} for key, value in TAGS.items()]
    key = ours.kms.create_key(Tags=tags)["KeyMetadata"]
    ours.resourcegroupstaggingapi.tag_resources(ResourceARNList=[key["Arn"]], Tags={"Owner": "me"})
    assert len(ours.kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]) == len(TAGS) + 1
    ours.kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert list(found(ours, TagFilters=BY_SUFFIX)) == [key["Arn"]]
    again = outcome(lambda one: one.kms.schedule_key_deletion(KeyId=key["KeyId"]), ours)
    assert again == "KMSInvalidStateException"


def test_roles_users_and_untagged_resources_are_not_returned(ours: Cloud) -> None:
    """TagResources takes roles and users all the same."""
    principals = [
        ours.iam.get_role(RoleName=role(ours, "lambda").rpartition("/")[2])["Role"]["Arn"],
        ours.iam.create_user(UserName="it", Tags=pairs(TAGS))["User"]["Arn"],
    ]
    ours.sqs.create_queue(QueueName="untagged")
    failed = ours.resourcegroupstaggingapi.tag_resources(ResourceARNList=principals, Tags=TAGS)["FailedResourcesMap"]
    assert failed == {}
    assert ours.iam.list_role_tags(RoleName="lambda-role")["Tags"] == sorted(pairs(TAGS), key=lambda tag: tag["Key"])
    assert found(ours) == {}


def test_resources_of_no_region_are_returned_in_the_global_region_only(ours: Cloud) -> None:
    made = [MAKERS[name](ours, TAGS).arn for name in ("IAM policy", "hosted zone")]
    bucket = MAKERS["bucket"](ours, TAGS).arn
    assert set(found(ours)) == {*made, bucket}
    assert elsewhere(ours, "eu-west-1").get_resources()["ResourceTagMappingList"] == []
    failed = elsewhere(ours, "eu-west-1").tag_resources(ResourceARNList=made, Tags={"Owner": "me"})
    assert set(failed["FailedResourcesMap"]) == set(made)


def test_tags_written_by_the_service_itself_show(ours: Cloud) -> None:
    vpc = ours.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    url = ours.sqs.create_queue(QueueName="it")["QueueUrl"]
    made = function(ours)["FunctionArn"]
    assert found(ours) == {}
    ours.ec2.create_tags(Resources=[vpc], Tags=pairs(TAGS))
    ours.sqs.tag_queue(QueueUrl=url, Tags=TAGS)
    ours.lambda_.tag_resource(Resource=made, Tags=TAGS)
    assert set(found(ours, TagFilters=BY_SUFFIX)) == {arn("ec2", f"vpc/{vpc}"), arn("sqs", "it"), made}
    ours.sqs.untag_queue(QueueUrl=url, TagKeys=["EnvironmentSuffix"])
    assert set(found(ours, TagFilters=BY_SUFFIX)) == {arn("ec2", f"vpc/{vpc}"), made}


def test_filters(ours: Cloud) -> None:
    """Keys all have to match, values of a key one of them; `pr-1` is not `pr-12`."""
    for name, tags in {"a": {"E": "pr-1", "P": "x"}, "b": {"E": "pr-12", "P": "x"}, "c": {"E": "pr-1"}}.items():
        ours.sqs.create_queue(QueueName=name, tags=tags)
        ours.sns.create_topic(Name=name, Tags=pairs(tags))

    def names(*filters: dict[str, object], **more: object) -> str:
        return "".join(sorted(one.rpartition(":")[2] for one in found(ours, TagFilters=list(filters), **more)))

    assert names({"Key": "E", "Values": ["pr-1"]}) == "aacc"
    assert names({"Key": "E", "Values": ["pr-1", "pr-12"]}, {"Key": "P"}) == "aabb"
    assert names({"Key": "E"}, ResourceTypeFilters=["sqs"]) == "abc"
    assert names({"Key": "P", "Values": ["x"]}, ResourceTypeFilters=["sns", "ec2:vpc"]) == "ab"
    assert names({"Key": "E", "Values": ["pr-"]}) == ""
    api = ours.resourcegroupstaggingapi
    assert api.get_tag_keys()["TagKeys"] == ["E", "P"]
    assert api.get_tag_values(Key="E")["TagValues"] == ["pr-1", "pr-12"]


def test_types_are_those_of_the_arns(ours: Cloud) -> None:
    wanted = {"vpc": "ec2:vpc", "rule of the default bus": "events:rule", "log group": "logs:log-group"}
    wanted |= {"DB subnet group": "rds:subgrp", "HTTP API": "apigateway:apis", "event source mapping": "lambda"}
    made = {kind: MAKERS[name](ours, TAGS).arn for name, kind in wanted.items()}
    for kind, resource in made.items():
        assert list(found(ours, ResourceTypeFilters=[kind])) == [resource]


def _topics(cloud: Cloud, numbers: range, prefix: str = "t") -> None:
    for number in numbers:
        cloud.sns.create_topic(Name=f"{prefix}{number}", Tags=pairs({"E": "pr-1", "Number": str(number)}))


def test_pages_of_thousands(ours: Cloud) -> None:
    """Every resource once, whatever comes and goes between two pages."""
    _topics(ours, range(THOUSANDS))
    read = pages(ours, ResourcesPerPage=100)
    first = next(read)
    ours.sns.delete_topic(TopicArn=first[0][0])
    _topics(ours, range(THOUSANDS, THOUSANDS + 5))
    rest = list(read)
    assert [len(page) for page in (first, *rest)] == [100] * (THOUSANDS // 100)
    seen = [name for page in (first, *rest) for name, _ in page]
    assert len(set(seen)) == len(seen) == THOUSANDS


def test_page_of_so_many_tags(ours: Cloud) -> None:
    _topics(ours, range(120))
    assert [len(page) for page in pages(ours, TagsPerPage=100)] == [50, 50, 20]


def test_walk_while_others_make_resources(ours: Cloud) -> None:
    """No answer fails, and all that was there before is in every one."""
    _topics(ours, range(50))
    with ThreadPoolExecutor(3) as threads:
        made = [threads.submit(_topics, ours, range(150), prefix) for prefix in "ab"]
        answers = 0
        while not all(one.done() for one in made):
            assert {f"t{number}" for number in range(50)} <= {
                one.rpartition(":")[2] for one in found(ours, ResourcesPerPage=100)
            }
            answers += 1
    assert answers > 1
    assert len(found(ours)) == 350


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"ResourcesPerPage": 101}, "InvalidParameterException"),
        ({"TagsPerPage": 99}, "InvalidParameterException"),
        ({"ResourceARNList": [arn("sqs", "it")], "ResourcesPerPage": 1}, "InvalidParameterException"),
        ({"PaginationToken": "unknown"}, "PaginationTokenExpiredException"),
        ({"ResourceARNList": [arn("sqs", f"q{number}") for number in range(101)]}, "ValidationException"),
    ],
)
def test_refused_reading(ours: Cloud, given: dict[str, Any], code: str) -> None:
    assert outcome(lambda one: one.resourcegroupstaggingapi.get_resources(**given), ours) == code


def test_refused_writing(ours: Cloud) -> None:
    """One that fails holds up none of the others; too many ARNs and AWS's own keys fail as a whole."""
    ours.sqs.create_queue(QueueName="it", tags={str(number): "" for number in range(49)})
    there, missing, foreign = arn("sqs", "it"), arn("sqs", "gone"), f"arn:aws:sns:eu-west-1:1:{REGION}"
    api = ours.resourcegroupstaggingapi
    failed = api.tag_resources(ResourceARNList=[missing, there, foreign], Tags={"E": "pr-1"})["FailedResourcesMap"]
    assert {name: fault["StatusCode"] for name, fault in failed.items()} == {missing: 404, foreign: 404}
    assert found(ours, TagFilters=[{"Key": "E"}]).keys() == {there}
    failed = api.tag_resources(ResourceARNList=[there], Tags={"F": "x"})["FailedResourcesMap"]
    assert failed[there]["ErrorCode"] == "InvalidParameterException"
    for given in (
        {"ResourceARNList": [there], "Tags": {"aws:E": "1"}},
        {"ResourceARNList": [there] * 21, "Tags": {"E": "1"}},
    ):
        refused = outcome(lambda one, given=given: one.resourcegroupstaggingapi.tag_resources(**given), ours)  # type: ignore[misc]
        assert refused in ("InvalidParameterException", "ValidationException")
