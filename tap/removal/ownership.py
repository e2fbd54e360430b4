"""Whether a resource is the environment's: asked right before each removal, from what AWS says at that moment."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping

from botocore.exceptions import ClientError

from tap.inventory.resource import Evidence, Resource, belongs_to, resource_type
from tap.removal.remover import Reading, ResourceGoneError, Scope, is_gone, names_another


class NotOwnedError(Exception):
    """The resource is not the environment's, or not any more: nothing was removed."""


def read_now(scope: Scope, resource: Resource, *, deleted_too: bool = False) -> Reading | None:
    """What AWS says of the resource; None where it does not exist, or, unless `deleted_too`, is deleted.

    The service's own answer, not that of the Resource Groups Tagging API, which lags behind changes:
    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
    """
    try:
        reading = scope.removers[resource.type].read(scope, resource)
        return None if reading.gone and not deleted_too else reading
    except ResourceGoneError:
        return None
    except ClientError as error:
        if is_gone(error):
            return None
        raise


class Ownership:
    """Judges the resources of one sweep. Safe to use from several threads.

    `owners` are ARNs that others vouch for: what Terraform has just destroyed with the environment's state. A resource
    of the sweep speaks for itself, though, as long as it exists.
    """

    def __init__(self, scope: Scope, resources: Mapping[str, Resource], owners: Collection[str]) -> None:
        self._scope = scope
        self._resources = resources
        self._vouched = set(owners) - set(resources)
        self._lock = threading.Lock()

    def vouch(self, resource: Resource) -> None:
        """What was part of a resource that passed and is removed now remains the environment's."""
        with self._lock:
            self._vouched.add(resource.arn)

    def check(self, resource: Resource, reading: Reading, *, part: Resource | None = None) -> None:
        """Raises `NotOwnedError` unless the resource, as it was just read, is the environment's.

        `part` is what the question is asked for, where the resource is an owner.
        """
        suffix, scope = self._scope.suffix, self._scope
        account = resource.arn.split(":")[4]
        if account not in ("", scope.account.id):
            raise NotOwnedError(f"it is of account {account}, not {scope.account.id}")
        if resource.evidence is Evidence.TAGS:
            if not belongs_to(reading.tags, suffix):
                raise NotOwnedError(f"its tags are not those of environment {suffix}: {_shown(reading.tags)}")
        elif names_another(reading.tags, suffix):
            raise NotOwnedError(f"its tags name another environment than {suffix}: {_shown(reading.tags)}")
        elif resource.evidence is Evidence.OWNER:
            self._check_owner(resource, reading, part or resource)

    def _check_owner(self, resource: Resource, reading: Reading, part: Resource) -> None:
        if resource.owner is None or resource.owner not in reading.owners:
            parts = ", ".join(sorted(reading.owners)) or "nothing"
            raise NotOwnedError(f"it is not part of {resource.owner} (any more), but of {parts}")
        with self._lock:
            if resource.owner in self._vouched:
                return
        owner = self._resources.get(resource.owner) or Resource(resource.owner, resource_type(resource.owner))
        if owner.type not in self._scope.removers or owner.arn == part.arn:
            raise NotOwnedError(f"its owner {owner.arn} is of a type that nothing here can ask about")
        owner_reading = read_now(self._scope, owner, deleted_too=True)
        if owner_reading is not None:
            self.check(owner, owner_reading, part=part)
        elif not belongs_to(owner.tags, self._scope.suffix):
            raise NotOwnedError(f"its owner {owner.arn} is gone, and was not known to be of this environment")


def _shown(tags: Mapping[str, str]) -> str:
    """The tags that decide."""
    names = ("EnvironmentSuffix", "Environment", "ManagedBy")
    return ", ".join(f"{name}={tags[name]}" for name in names if name in tags) or "no such tags"
