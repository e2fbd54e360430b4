"""How a resource that the state does not know is told to be the one that a plan wants to create."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tap.account import Account
from tap.adoption import names
from tap.adoption.planned import PlannedCreate
from tap.inventory.resource import Resource

NAME_TAG = "tags.Name"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One Terraform type.

    `arn` is what its ARNs look like, without partition, Region and account; its groups, `arn` and `key` can be used in
    `import_id`. `key` is the argument that tells resources of the type apart. What AWS has for it is the tag `Name`,
    or the group `name` of the ARN, or else what `look_up` asks AWS. `holds_data`: it is never removed without being
    asked for by its address.
    """

    arn: str
    key: str = "name"
    import_id: str = "{name}"
    look_up: Callable[[Account, Resource], str | None] | None = None
    holds_data: bool = False

    def match(self, arn: str) -> dict[str, str] | None:
        """The groups of the pattern, None for the ARN of another type."""
        _, _, service, _, _, rest = arn.split(":", 5)
        found = re.fullmatch(self.arn, f"{service}:{rest}")
        return found and found.groupdict()

    def key_of(self, resource: Resource, account: Account) -> str | None:
        """What `key` is for a resource that exists; None where AWS does not say."""
        if self.key == NAME_TAG:
            return resource.tags.get("Name")
        if self.look_up:
            return self.look_up(account, resource)
        return (self.match(resource.arn) or {}).get("name")

    def import_id_of(self, resource: Resource, account: Account) -> str:
        """What `terraform import` knows it by."""
        groups = self.match(resource.arn) or {}
        if self.import_id == "{url}":
            return names.queue_url(account, groups["name"])
        return self.import_id.format(arn=resource.arn, key=self.key_of(resource, account), **groups)

    def import_id_by_name(self, create: PlannedCreate, account: Account) -> str | None:
        """The import id of one that is known to exist, from its name; None for types whose ids cannot be told."""
        name = create.value(self.key)
        if name is None or self.key == NAME_TAG or self.look_up:
            return None
        if self.import_id in names.BY_NAME:
            return names.BY_NAME[self.import_id](account, create.type, name)
        return name if self.import_id == "{name}" else None
