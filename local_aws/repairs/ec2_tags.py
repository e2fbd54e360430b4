"""Repairs of EC2: a resource's tags are looked up by its id, whatever the number of others."""

from typing import Any

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from local_aws.registry import installs, patch


@installs
def look_up_own_tags() -> None:
    """moto matches the tags of all resources against each one's id: a listing of n takes it n² steps."""

    def own_tags(resource: Any) -> list[dict[str, str]]:
        identity = resource.id
        if not identity:
            return []
        kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(identity), "")
        held = resource.ec2_backend.tags.get(identity) or {}
        return [
            {"resource_id": identity, "key": key, "value": value, "resource_type": kind} for key, value in held.items()
        ]

    patch(TaggedEC2Resource, get_tags=own_tags)
