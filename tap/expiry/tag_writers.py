"""Writes tags: through the Resource Groups Tagging API, and where that cannot, through the service's own call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from tap.account import Account
from tap.inventory.resource import Resource

# https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagResources.html
ARNS_AT_ONCE = 20

Tags = Mapping[str, str]
TagCall = Callable[[Any, Resource, Tags], object]


def write_tags(account: Account, resources: Collection[Resource], tags: Tags) -> list[tuple[Resource, str]]:
    """Set `tags` on each of the resources, the others of its tags stay; those that failed, with the reason.

    Raises botocore's errors where no single resource is at fault: no credentials, no network.
    """
    regions: dict[str, list[Resource]] = {}
    for resource in resources:
        regions.setdefault(_region_of(account, resource), []).append(resource)
    failed: list[tuple[Resource, str]] = []
    for region, there in sorted(regions.items()):
        for start in range(0, len(there), ARNS_AT_ONCE):
            batch = there[start : start + ARNS_AT_ONCE]
            refused = _through_tagging_api(account, region, batch, tags)
            for resource in batch:
                if resource.arn in refused and (reason := _through_its_service(account, region, resource, tags)):
                    failed.append((resource, f"{refused[resource.arn]}; {reason}"))
    return failed


def _region_of(account: Account, resource: Resource) -> str:
    """Where it is tagged. A global database belongs to no Region, and RDS is a service of Regions."""
    home = account.region if resource.type == "rds:global-cluster" else account.global_region
    return resource.region or home


def _through_tagging_api(account: Account, region: str, batch: Sequence[Resource], tags: Tags) -> dict[str, str]:
    """The ARNs that were refused, each with AWS's reason; all of them where AWS takes one for no valid ARN."""
    client: Any = account.client("resourcegroupstaggingapi", region)
    try:
        answer = client.tag_resources(ResourceARNList=[resource.arn for resource in batch], Tags=dict(tags))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in ("InvalidParameterException", "InvalidParameter", "ValidationException"):
            raise
        return {resource.arn: f"tagging API: {error}" for resource in batch}
    return {
        arn: f"tagging API: {fault.get('ErrorCode', '')} {fault.get('ErrorMessage', '')}".strip()
        for arn, fault in answer.get("FailedResourcesMap", {}).items()
    }


def _through_its_service(account: Account, region: str, resource: Resource, tags: Tags) -> str | None:
    """None if it worked, else the reason."""
    service = resource.type.split(":")[0]
    call = _CALLS.get(resource.type) or _CALLS.get(service)
    if call is None:
        return f"no other way to tag {resource.type} is known"
    try:
        call(account.client(_CLIENTS.get(service, service), region), resource, tags)
    except ClientError as error:
        return str(error)
    return None


def _as_list(tags: Tags, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in tags.items()]


def _queue_url(client: Any, resource: Resource) -> str:
    return str(client.get_queue_url(QueueName=resource.name)["QueueUrl"])


def _parameter_name(resource: Resource) -> str:
    return resource.arn.partition(":parameter")[2]


def _tag_secret(client: Any, resource: Resource, tags: Tags) -> None:
    """A replica takes no tags: Secrets Manager gives it those of its primary.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/create-manage-multi-region-secrets.html
    """
    primary = client.describe_secret(SecretId=resource.arn).get("PrimaryRegion")
    if primary in (None, resource.region):
        client.tag_resource(SecretId=resource.arn, Tags=_as_list(tags))


def _tag_project(client: Any, resource: Resource, tags: Tags) -> None:
    """CodeBuild takes all tags of a project or none."""
    (project,) = client.batch_get_projects(names=[resource.name])["projects"]
    kept = [tag for tag in project.get("tags", ()) if tag["key"] not in tags]
    client.update_project(name=resource.name, tags=[*kept, *_as_list(tags, "key", "value")])


# For all types of a service, or for one type; the service's name is that in ARNs. The calls take tags as a mapping or
# as a list of keys and values, each in its own spelling.
_CALLS: Mapping[str, TagCall] = {
    "acm": lambda client, one, tags: client.add_tags_to_certificate(CertificateArn=one.arn, Tags=_as_list(tags)),
    "apigateway": lambda client, one, tags: client.tag_resource(ResourceArn=one.arn, Tags=dict(tags)),
    "backup": lambda client, one, tags: client.tag_resource(ResourceArn=one.arn, Tags=dict(tags)),
    "application-autoscaling": lambda client, one, tags: client.tag_resource(ResourceARN=one.arn, Tags=dict(tags)),
    "cloudtrail": lambda client, one, tags: client.add_tags(ResourceId=one.arn, TagsList=_as_list(tags)),
    "cloudwatch": lambda client, one, tags: client.tag_resource(ResourceARN=one.arn, Tags=_as_list(tags)),
    "codebuild": _tag_project,
    "codedeploy": lambda client, one, tags: client.tag_resource(ResourceArn=one.arn, Tags=_as_list(tags)),
    "config": lambda client, one, tags: client.tag_resource(ResourceArn=one.arn, Tags=_as_list(tags)),
    "dynamodb": lambda client, one, tags: client.tag_resource(ResourceArn=one.arn, Tags=_as_list(tags)),
    "ec2": lambda client, one, tags: client.create_tags(Resources=[one.name], Tags=_as_list(tags)),
    "ecr": lambda client, one, tags: client.tag_resource(resourceArn=one.arn, tags=_as_list(tags)),
    "ecs": lambda client, one, tags: client.tag_resource(resourceArn=one.arn, tags=_as_list(tags, "key", "value")),
    "elasticloadbalancing": lambda client, one, tags: client.add_tags(ResourceArns=[one.arn], Tags=_as_list(tags)),
    "events": lambda client, one, tags: client.tag_resource(ResourceARN=one.arn, Tags=_as_list(tags)),
    "fis": lambda client, one, tags: client.tag_resource(resourceArn=one.arn, tags=dict(tags)),
    "guardduty": lambda client, one, tags: client.tag_resource(ResourceArn=one.arn, Tags=dict(tags)),
    "iam:policy": lambda client, one, tags: client.tag_policy(PolicyArn=one.arn, Tags=_as_list(tags)),
    "iam:role": lambda client, one, tags: client.tag_role(RoleName=one.name, Tags=_as_list(tags)),
    "kms": lambda client, one, tags: client.tag_resource(KeyId=one.arn, Tags=_as_list(tags, "TagKey", "TagValue")),
    "lambda": lambda client, one, tags: client.tag_resource(Resource=one.arn, Tags=dict(tags)),
    "logs": lambda client, one, tags: client.tag_resource(resourceArn=one.arn.removesuffix(":*"), tags=dict(tags)),
    "rds": lambda client, one, tags: client.add_tags_to_resource(ResourceName=one.arn, Tags=_as_list(tags)),
    "route53": lambda client, one, tags: client.change_tags_for_resource(
        ResourceType=one.type.partition(":")[2], ResourceId=one.name, AddTags=_as_list(tags)
    ),
    "secretsmanager": _tag_secret,
    "servicediscovery": lambda client, one, tags: client.tag_resource(ResourceARN=one.arn, Tags=_as_list(tags)),
    "sns": lambda client, one, tags: client.tag_resource(ResourceArn=one.arn, Tags=_as_list(tags)),
    "sqs": lambda client, one, tags: client.tag_queue(QueueUrl=_queue_url(client, one), Tags=dict(tags)),
    "ssm": lambda client, one, tags: client.add_tags_to_resource(
        ResourceType="Parameter", ResourceId=_parameter_name(one), Tags=_as_list(tags)
    ),
    "states": lambda client, one, tags: client.tag_resource(resourceArn=one.arn, tags=_as_list(tags, "key", "value")),
    "synthetics": lambda client, one, tags: client.tag_resource(ResourceArn=one.arn, Tags=dict(tags)),
    "wafv2": lambda client, one, tags: client.tag_resource(ResourceARN=one.arn, Tags=_as_list(tags)),
}
_CLIENTS: Mapping[str, str] = {
    "apigateway": "apigatewayv2",
    "elasticloadbalancing": "elbv2",
    "states": "stepfunctions",
}
