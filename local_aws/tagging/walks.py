"""Which resources can have tags, in an account and Region: a walk for each service, moto's own for the rest.

GetResources returns the resources of all types, but IAM's roles and users and the groups of EC2 Auto Scaling
(https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html). What belongs to no
Region is returned in the partition's global one. Scalable targets and budgets are left out: their tags are known to
their own services only.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from moto.core.base_backend import BackendDict
from moto.core.resource_tagging import TaggableResourcesMixin
from moto.utilities.utils import get_partition

from local_aws.tagging import data, delivery, ec2, identity, operation
from local_aws.tagging.tagged import Tagged, TaggedThroughMoto

Walk = Callable[[Any, str], Iterator[Tagged]]
"""From one of moto's backends and the Region asked for to its resources, with and without tags."""

WALKS: dict[str, Walk] = {
    "acm": operation.walk_acm,
    "apigateway": delivery.walk_apigateway,
    "apigatewayv2": delivery.walk_apigatewayv2,
    "backup": data.walk_backup,
    "cloudtrail": operation.walk_cloudtrail,
    "cloudwatch": operation.walk_cloudwatch,
    "codebuild": operation.walk_codebuild,
    "codedeploy": operation.walk_codedeploy,
    "config": operation.walk_config,
    "dynamodb": data.walk_dynamodb,
    "ec2": ec2.walk,
    "ecr": operation.walk_ecr,
    "ecs": delivery.walk_ecs,
    "elbv2": operation.walk_elbv2,
    "events": delivery.walk_events,
    "fis": operation.walk_fis,
    "guardduty": operation.walk_guardduty,
    "iam": identity.walk,
    "kms": data.walk_kms,
    "lambda": delivery.walk_lambda,
    "logs": operation.walk_logs,
    "pipes": delivery.walk_pipes,
    "rds": data.walk_rds,
    "route53": operation.walk_route53,
    "s3": data.walk_s3,
    "scheduler": delivery.walk_scheduler,
    "secretsmanager": data.walk_secretsmanager,
    "servicediscovery": operation.walk_servicediscovery,
    "sns": delivery.walk_sns,
    "sqs": delivery.walk_sqs,
    "ssm": data.walk_ssm,
    "stepfunctions": delivery.walk_stepfunctions,
    "synthetics": operation.walk_synthetics,
    "wafv2": operation.walk_wafv2,
    "xray": operation.walk_xray,
}
"""By moto's name of the service."""

NOT_RETURNED = frozenset({"autoscaling"})
"""Services that moto's tagging returns and AWS's does not."""

GLOBAL_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"}
"""The Region in which the tagging API answers for what belongs to no Region, by partition."""

REGIONAL_THOUGH_SHARED = frozenset({"s3"})
"""Services that moto keeps once per partition, whose resources belong to a Region all the same."""


def tagged_resources(account_id: str, region: str) -> Iterator[Tagged]:
    """All resources that GetResources knows, with and without tags."""
    for service, backend in _backends(account_id, region):
        if service in WALKS:
            yield from WALKS[service](backend, region)
        elif isinstance(backend, TaggableResourcesMixin) and service not in NOT_RETURNED:
            for resource in list(backend.iter_tagged_resources()):
                yield TaggedThroughMoto(resource.arn, backend, resource.tags)


def find(account_id: str, region: str, arns: Collection[str]) -> dict[str, Tagged]:
    """Those of the resources that exist and that TagResources knows, by ARN."""
    wanted = set(arns)
    found = {resource.arn: resource for resource in tagged_resources(account_id, region) if resource.arn in wanted}
    for service, backend in _backends(account_id, region):
        if service == "iam":
            principals = identity.walk_principals(backend, region)
            found |= {resource.arn: resource for resource in principals if resource.arn in wanted}
    return found


def _backends(account_id: str, region: str) -> Iterator[tuple[str, Any]]:
    """moto's backends that are in use, for the Region and, in the global Region, for what belongs to none."""
    partition = get_partition(region)
    answers_for_all = GLOBAL_REGIONS.get(partition) == region
    instances: list[Any] = BackendDict._instances  # type: ignore[misc]
    for backends in list(instances):
        if account_id not in backends:
            continue
        held, service = backends[account_id], str(backends.service_name)
        if region in held.keys():  # noqa: SIM118 -- `in` of moto's class answers for Regions that are not there yet
            yield service, dict.__getitem__(held, region)
        if partition in held.keys() and (answers_for_all or service in REGIONAL_THOUGH_SHARED):  # noqa: SIM118
            yield service, dict.__getitem__(held, partition)
