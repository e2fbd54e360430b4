"""What the container architecture has without tags, or with tags that the tagging API does not read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tap.inventory.descriptions import log_group_names, one_exists
from tap.inventory.listers.search import Lister, Search, of_state, part_of
from tap.inventory.listing import batches, listed
from tap.inventory.resource import Resource

TARGETS_AT_ONCE = 50
# What writes a log, by the log group that it is written to. AWS makes the group anew where it is not there.
WRITTEN_BY = {
    "lambda:function": "/aws/lambda/{name}",
    "codebuild:project": "/aws/codebuild/{name}",
    "ecs:cluster": "/aws/ecs/containerinsights/{name}/performance",
}


def scalable_targets(search: Search) -> Iterator[Resource]:
    """Scalable targets of the environment's ECS services, which are known as `service/CLUSTER/NAME`.

    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html
    """
    services = {service.split(":", 5)[5]: service for service in search.owners("ecs:service")}
    for batch in batches(sorted(services), TARGETS_AT_ONCE):
        for target in listed(
            search.account,
            "application-autoscaling",
            "describe_scalable_targets",
            "ScalableTargets",
            ServiceNamespace="ecs",
            ResourceIds=list(batch),
        ):
            yield part_of(services[target["ResourceId"]], target["ScalableTargetARN"])


def log_resource_policies(search: Search) -> Iterator[Resource]:
    """Policies that let services write to the environment's log groups. An account has at most ten in a Region."""
    groups = set(search.owners("logs:log-group"))
    if not groups or not (search.owners("wafv2:webacl") or search.in_state("aws_cloudwatch_log_resource_policy")):
        return
    for policy in listed(search.account, "logs", "describe_resource_policies", "resourcePolicies"):
        if named := groups_named(policy["policyDocument"]) & groups:
            yield part_of(min(named), search.arn("logs", f"resource-policy:{policy['policyName']}"))


def groups_named(document: str) -> set[str]:
    """The ARNs of the log groups that a policy names; none in one that is no policy."""
    try:
        statements: Any = json.loads(document)["Statement"]
        resources = [_as_list(statement["Resource"]) for statement in _as_list(statements)]
    except (ValueError, KeyError, TypeError):
        return set()
    return {":".join(str(arn).split(":")[:7]) for found in resources for arn in found}


def _as_list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def canary_functions(search: Search) -> Iterator[Resource]:
    """Functions of canaries that are gone, as the state has them: a canary's name is only in part in its function's."""
    existing = {resource.arn for resource in search.existing}
    for canary in search.in_state("aws_synthetics_canary"):
        engine = str(canary.attributes.get("engine_arn") or "")
        function = Resource(":".join(engine.split(":")[:7]), "lambda:function")
        if engine and canary.arn not in existing and one_exists(search.account, function):
            yield of_state(function.arn)


def service_log_groups(search: Search) -> Iterator[Resource]:
    """Log groups without tags that what writes to them made anew, by the names that AWS gives them."""
    tagged = {resource.arn for resource in search.existing}
    for kind, pattern in WRITTEN_BY.items():
        for writer in search.owners(kind):
            name = pattern.format(name=Resource(writer, kind).name)
            arn = search.arn("logs", f"log-group:{name}")
            if arn not in tagged and name in log_group_names(search.account, name):
                yield part_of(writer, arn)


LISTERS = (
    Lister(
        "application-autoscaling:scalable-target",
        "The tagging API does not read their tags; one outlives its service, and scales the next of its name.",
        scalable_targets,
    ),
    Lister(
        "logs:resource-policy",
        "They have no tags, outlive the log groups that they name, and a Region has ten of them.",
        log_resource_policies,
    ),
    Lister(
        "lambda:function",
        "CloudWatch Synthetics makes that of a canary without tags, and leaves it where it is not asked to remove it.",
        canary_functions,
    ),
    Lister(
        "logs:log-group",
        "Functions, builds and Container Insights make theirs anew, without tags, when they write after its deletion.",
        service_log_groups,
    ),
)
