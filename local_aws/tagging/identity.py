"""IAM, whose resources belong to no Region."""

from collections.abc import Iterator
from typing import Any

from local_aws.tagging.tagged import Tagged, TaggedByKey, TaggedByPairs, TaggedByRecords


def walk(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """What GetResources returns: customer managed policies, instance profiles, identity providers."""
    for policy in list(backend.managed_policies.values()):
        if policy.tags:
            yield TaggedByRecords(policy.arn, policy)
    for profile in list(backend.instance_profiles.values()):
        yield TaggedByPairs(profile.arn, profile)
    for provider in list(backend.open_id_providers.values()):
        yield TaggedByRecords(provider.arn, provider)


def walk_principals(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Roles, users and untagged policies: TagResources takes them, GetResources does not return them.

    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
    """
    for role in list(backend.roles.values()):
        yield TaggedByPairs(role.arn, role)
    for user in list(backend.users.values()):
        yield TaggedByKey(user.arn, backend.tagger.tags, user.arn)
    for policy in list(backend.managed_policies.values()):
        if not policy.tags and f"::{backend.account_id}:" in policy.arn:
            yield TaggedByRecords(policy.arn, policy)
