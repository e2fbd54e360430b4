"""Tells which of the resources that the state does not know are those that a plan wants to create."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tap.account import Account
from tap.adoption.kinds import KINDS
from tap.adoption.planned import PlannedCreate
from tap.inventory.resource import Evidence, Resource
from tap.inventory.states import State


class AmbiguousError(RuntimeError):
    """Several resources could be the one that is wanted, and each may hold data."""


@dataclass(frozen=True)
class Adoption:
    """A resource that exists and is to be taken into the state at `address`, by its import id.

    `resource` is the one that was found; a `part` belongs to the environment because of what it is a part of.
    """

    address: str
    id: str
    resource: Resource | None = None
    part: bool = False


def orphans(resources: Iterable[Resource], state: State | None, account: Account) -> tuple[Resource, ...]:
    """What carries the environment's tags, is of a type that a stack makes, and is missing in the state.

    Raises botocore's errors.
    """
    arns: set[str] = set()
    # Of what was interrupted while it was made, and of types without ARNs, the state has the id alone.
    ids: dict[str, set[str | None]] = defaultdict(set)
    for listed in state.managed if state else ():
        if listed.type not in KINDS:
            continue
        if listed.arn:
            arns.update(listed.arns)
        else:
            ids[listed.type].add(listed.id)

    def is_listed(resource: Resource, types: list[str]) -> bool:
        return resource.arn in arns or any(
            KINDS[type_].import_id_of(resource, account.in_region(resource.region)) in ids[type_]
            for type_ in types
            if type_ in ids
        )

    carrying = [resource for resource in resources if resource.evidence is Evidence.TAGS]
    # A replica is no resource of Terraform's own: it comes and goes with what it is a copy of.
    originals = arns | {resource.arn for resource in carrying}
    tagged = (resource for resource in carrying if resource.copy_of not in originals)
    typed = ((each, [type_ for type_, kind in KINDS.items() if kind.match(each.arn)]) for each in tagged)
    return tuple(resource for resource, types in typed if types and not is_listed(resource, types))


def match(found: Sequence[Resource], creates: Iterable[PlannedCreate], account: Account) -> list[Adoption]:
    """The orphans that the plan would make once more.

    Raises `AmbiguousError` where several that may hold data are the same, and botocore's errors.
    """
    by_type: dict[str, list[PlannedCreate]] = defaultdict(list)
    for create in creates:
        by_type[create.type].append(create)
    return [
        adoption
        for type_, wanted in by_type.items()
        if type_ in KINDS
        for adoption in _match_type(type_, found, wanted, account)
    ]


def _match_type(type_: str, found: Sequence[Resource], wanted: list[PlannedCreate], account: Account) -> list[Adoption]:
    kind = KINDS[type_]
    candidates: dict[str, list[Resource]] = defaultdict(list)
    for resource in sorted(found, key=lambda each: each.arn):
        if kind.match(resource.arn) and (key := kind.key_of(resource, account.in_region(resource.region))):
            candidates[key].append(resource)
    adoptions = []
    for create in wanted:
        named = candidates.get(create.value(kind.key) or "", [])
        same = [resource for resource in named if create.region is None or resource.region in ("", create.region)]
        if len(same) > 1 and kind.holds_data:
            arns = ", ".join(resource.arn for resource in same)
            raise AmbiguousError(
                f"{create.address}: {len(same)} that may hold data could be it: {arns}. Remove the ones that are not "
                "in use by hand, or all of the environment with `tap env destroy`, and deploy again"
            )
        if same:
            id_ = kind.import_id_of(same[0], account.in_region(same[0].region))
            adoptions.append(Adoption(create.address, id_, same[0]))
    return adoptions
