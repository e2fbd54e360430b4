"""What became of an environment that was to be removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tap.inventory.resource import Resource


@dataclass(frozen=True)
class Left:
    """Something that still exists: its ARN (or address in the state), its type, and what kept it if that is known."""

    name: str
    type: str
    reason: str = ""


@dataclass(frozen=True)
class Receipt:
    """What was removed and how, what stays on purpose, and what is left and should not be.

    `removed`: addresses that Terraform removed. `swept`: resources that were removed beside Terraform. `kept`: what a
    production environment leaves behind on purpose. `left`: what a new search found afterwards. `seconds`: the whole
    work, without the time that a person took to answer; `terraform_seconds`: Terraform's part of it.
    """

    suffix: str
    account: str
    region: str
    removed: tuple[str, ...] = ()
    swept: tuple[Resource, ...] = ()
    kept: tuple[Resource, ...] = ()
    left: tuple[Left, ...] = ()
    seconds: float = 0.0
    terraform_seconds: float = 0.0
    notes: tuple[str, ...] = ()
    secondary_region: str | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many were removed and swept, are kept and left."""
        return {name: len(getattr(self, name)) for name in ("removed", "swept", "kept", "left")}

    def as_json(self) -> dict[str, Any]:
        """The receipt as one JSON document."""
        return {
            "suffix": self.suffix,
            "account": self.account,
            "region": self.region,
            "secondary_region": self.secondary_region,
            **self.counts,
            "seconds": round(self.seconds, 1),
            "terraform_seconds": round(self.terraform_seconds, 1),
            "removed_addresses": list(self.removed),
            "swept_resources": _listed(self.swept),
            "kept_resources": _listed(self.kept),
            "left_resources": [{"name": left.name, "type": left.type, "reason": left.reason} for left in self.left],
            "notes": list(self.notes),
        }


def _listed(resources: Iterable[Resource]) -> list[dict[str, str]]:
    return [{"arn": resource.arn, "type": resource.type} for resource in resources]
