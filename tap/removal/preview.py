"""What the removal of an environment would take away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tap.inventory.resource import Evidence, Resource
from tap.inventory.state import State, StateResource
from tap.removal.protection import Protection
from tap.terraform_events import PlannedChange

# What people would miss: types of Terraform and of AWS.
DATA_TYPES = frozenset(
    {
        "aws_rds_cluster",
        "aws_dynamodb_table",
        "aws_s3_bucket",
        "aws_secretsmanager_secret",
        "aws_backup_vault",
        "aws_ecr_repository",
        "rds:cluster",
        "rds:cluster-snapshot",
        "dynamodb:table",
        "s3:bucket",
        "secretsmanager:secret",
        "backup:backup-vault",
        "backup:recovery-point",
        "ecr:repository",
    }
)


class OtherRegionError(LookupError):
    """The environment is in another Region than the one it was looked for in; nothing was changed."""

    def __init__(self, suffix: str, home: str, here: str) -> None:
        super().__init__(
            f"environment {suffix!r} is in Region {home} and not in {here}: give `--region {home}`, or set AWS_REGION"
        )


@dataclass(frozen=True)
class Going:
    """One thing that goes: removed by Terraform at `id`, an address, or swept, then `id` is its ARN.

    `region` is empty for what is in none.
    """

    id: str
    type: str
    name: str
    swept: bool
    region: str = ""

    @property
    def holds_data(self) -> bool:
        """Whether people would miss what is in it."""
        return self.type in DATA_TYPES


@dataclass(frozen=True)
class Preview:
    """What `Destruction.run` takes away, what it keeps, and what stands against it."""

    suffix: str
    account: str
    region: str
    going: tuple[Going, ...]
    kept: tuple[Resource, ...]
    protection: Protection
    state: str | None
    """Where the state is, empty or not; None if there is none."""
    secondary_region: str | None = None

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return in_words(self.region, self.secondary_region)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of the environment, not even a state."""
        return not self.going and not self.kept and self.state is None

    def as_json(self) -> dict[str, Any]:
        """The preview as one JSON document."""
        return {
            "suffix": self.suffix,
            "account": self.account,
            "region": self.region,
            "secondary_region": self.secondary_region,
            "state": self.state,
            "protected": list(self.protection.reasons),
            "refused": list(self.protection.refusals),
            "going": [
                {
                    "id": one.id,
                    "type": one.type,
                    "name": one.name,
                    "region": one.region or None,
                    "by": "sweep" if one.swept else "terraform",
                    "holds_data": one.holds_data,
                }
                for one in self.going
            ],
            "kept": [{"arn": one.arn, "type": one.type} for one in self.kept],
        }

    @property
    def by_type(self) -> dict[tuple[str, str], list[Going]]:
        """What goes by type and Region: first what Terraform removes, then what is swept."""
        types: dict[tuple[str, str], list[Going]] = {}
        for one in sorted(self.going, key=lambda going: (going.swept, going.type, going.region, going.name)):
            types.setdefault((one.type, one.region), []).append(one)
        return types


def planned(changes: Iterable[PlannedChange], state: State) -> Iterator[Going]:
    """What a plan to destroy removes."""
    known = {resource.address: resource for resource in state.managed}
    for change in changes:
        if change.action == "delete":
            resource = known.get(change.address)
            name, region = (_name(resource), state.region_of(resource)) if resource else (change.address, None)
            yield Going(change.address, change.resource_type, name, swept=False, region=region or "")


def beside(resources: Iterable[Resource], state: State | None) -> tuple[Resource, ...]:
    """What exists and is not in the state: by ARN, or by id where a type of Terraform has no ARN (NAT gateways)."""
    known = {name for one in (state.managed if state else ()) for name in one.arns or (one.id,)}
    return tuple(
        one for one in resources if one.evidence is not Evidence.STATE and known.isdisjoint({one.arn, one.name})
    )


def to_sweep(resources: Iterable[Resource]) -> Iterator[Going]:
    """What is removed beside Terraform."""
    for resource in resources:
        yield Going(resource.arn, resource.type, resource.arn.split(":", 5)[5], swept=True, region=resource.region)


def in_words(region: str, secondary_region: str | None) -> str:
    """`Region us-east-1`, or `Regions us-east-1 and us-west-2`."""
    return f"Regions {region} and {secondary_region}" if secondary_region else f"Region {region}"


def _name(resource: StateResource) -> str:
    """What people know it by: its name, else what AWS calls it."""
    attributes = resource.attributes
    for attribute in ("name", "cluster_identifier", "identifier", "bucket", "function_name", "alarm_name"):
        if isinstance(attributes.get(attribute), str) and attributes[attribute]:
            return str(attributes[attribute])
    return resource.tags.get("Name") or resource.id or resource.address
