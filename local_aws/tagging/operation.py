"""Services that name, watch, protect and deploy."""

from collections.abc import Iterator
from typing import Any

from local_aws.tagging.tagged import Tagged, TaggedByKey, TaggedByLowerPairs, TaggedByPairs


def walk_route53(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Hosted zones and health checks, which belong to no Region and to no account in their ARNs."""
    for kind, identities in {"hostedzone": list(backend.zones), "healthcheck": list(backend.health_checks)}.items():
        for identity in identities:
            yield TaggedByKey(f"arn:{backend.partition}:route53:::{kind}/{identity}", backend.resource_tags, identity)


def walk_acm(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Certificates."""
    for certificate in list(backend._certificates.values()):
        yield Tagged(certificate.arn, certificate)


def walk_logs(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Log groups, whose ARN has no `:*` here."""
    for group in list(backend.groups.values()):
        yield TaggedByKey(group.arn, backend.tagger.tags, group.arn)


def walk_cloudwatch(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Alarms, also composite ones, and insight rules. Dashboards have no tags."""
    tags = backend.tagger.tags
    for alarm in list(backend.alarms.values()):
        yield TaggedByKey(alarm.alarm_arn, tags, alarm.alarm_arn)
    for rule in list(backend.insight_rules.values()):
        yield TaggedByKey(rule.rule_arn, tags, rule.rule_arn)


def walk_xray(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Groups, which are ours (local_aws.operations.xray)."""
    for arn, group in list(vars(backend).get("groups", {}).items()):
        yield TaggedByPairs(arn, _Item(group), "Tags")


def walk_synthetics(backend: Any, region: str) -> Iterator[Tagged]:
    """Canaries."""
    for name, canary in list(backend.canaries.items()):
        yield Tagged(f"arn:{backend.partition}:synthetics:{region}:{backend.account_id}:canary:{name}", canary)


def walk_fis(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Experiment templates."""
    for template in list(backend.experiment_templates.values()):
        yield TaggedByKey(template.arn, backend.tagger.tags, template.arn)


def walk_cloudtrail(backend: Any, region: str) -> Iterator[Tagged]:
    """Trails of the Region that they were made in."""
    for trail in list(backend.trails.values()):
        if trail.region_name == region:
            yield TaggedByKey(trail.arn, backend.tagging_service.tags, trail.arn)


def walk_guardduty(backend: Any, region: str) -> Iterator[Tagged]:
    """Detectors."""
    for identity, detector in list(backend.detectors.items()):
        yield Tagged(f"arn:{backend.partition}:guardduty:{region}:{backend.account_id}:detector/{identity}", detector)


def walk_config(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Rules. Recorders and delivery channels have no tags here."""
    for rule in list(backend.config_rules.values()):
        yield Tagged(rule.config_rule_arn, rule)


def walk_codebuild(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Projects."""
    for project in list(backend.codebuild_projects.values()):
        yield TaggedByLowerPairs(project.arn, _Item(project.project_metadata))


def walk_codedeploy(backend: Any, region: str) -> Iterator[Tagged]:
    """Applications and their deployment groups."""
    start, tags = f"arn:{backend.partition}:codedeploy:{region}:{backend.account_id}", backend.tagger.tags
    for name in list(backend.applications):
        yield TaggedByKey(f"{start}:application:{name}", tags, f"{start}:application:{name}")
    for application, groups in list(backend.deployment_groups.items()):
        for name in list(groups):
            arn = f"{start}:deploymentgroup:{application}/{name}"
            yield TaggedByKey(arn, tags, arn)


def walk_ecr(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Repositories."""
    for repository in list(backend.repositories.values()):
        yield TaggedByKey(repository.arn, backend.tagger.tags, repository.arn)


def walk_servicediscovery(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Namespaces and services."""
    for resource in (*list(backend.namespaces.values()), *list(backend.services.values())):
        yield TaggedByKey(resource.arn, backend.tagger.tags, resource.arn)


def walk_elbv2(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Load balancers, target groups, listeners and their rules."""
    tags = backend.tagging_service.tags
    for balancer in list(backend.load_balancers.values()):
        yield TaggedByKey(balancer.arn, tags, balancer.arn)
        for listener in list(balancer.listeners.values()):
            yield TaggedByKey(listener.arn, tags, listener.arn)
            for rule in list(listener.rules.values()):
                yield TaggedByKey(rule.arn, tags, rule.arn)
    for group in list(backend.target_groups.values()):
        yield TaggedByKey(group.arn, tags, group.arn)


def walk_wafv2(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Web ACLs and what they are made of."""
    tags = backend.tagging_service.tags
    for collection in (backend.wacls, backend.ip_sets, backend.rule_groups, backend.regex_pattern_sets):
        for arn in list(collection):
            yield TaggedByKey(arn, tags, arn)


class _Item:
    """A dictionary with attributes for items."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.__dict__ = content
