"""The allow-list: findings that stay, each with its reason."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from policy.findings import Finding

ACCEPTED = Path(__file__).with_name("accepted.toml")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=20)]
# The type is written out: a pattern for resources of any type would hide findings that nobody has read.
Address = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+\.[\w*?-]+$")]


class AllowListError(Exception):
    """The allow-list cannot be used; the message names the entry and the remedy."""


class Entry(BaseModel):
    """One check that may fail on the resources whose address matches, in environments of `class` if that is given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    check: Text
    resource: Address
    environment_class: Literal["ephemeral", "staging", "production"] | None = Field(default=None, alias="class")
    reason: Reason

    def covers(self, finding: Finding) -> bool:
        """Whether this entry accepts the finding."""
        return (
            self.check == finding.check
            and fnmatchcase(finding.resource, self.resource)
            and self.environment_class in (None, finding.environment_class)
        )


@dataclass(frozen=True)
class Judgement:
    """Findings by the entry that accepts them, those that nothing accepts, and entries that accept nothing."""

    accepted: dict[Entry, list[Finding]]
    failed: list[Finding]
    stale: list[Entry]


def read_accepted(path: Path = ACCEPTED) -> list[Entry]:
    """Read the entries of `[[accepted]]`. AllowListError when one is not whole or stands there twice."""
    try:
        document = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise AllowListError(f"{path} cannot be read: {error}") from None
    tables = document.pop("accepted", [])
    if document or not isinstance(tables, list):
        raise AllowListError(f"{path}: only [[accepted]] tables are known, not {', '.join(document) or '[accepted]'}")
    entries: list[Entry] = []
    for number, table in enumerate(tables, start=1):
        entry = _entry(table, f"{path}: entry {number}")
        if any(_same_scope(entry, other) for other in entries):
            raise AllowListError(f"{path}: entry {number} ({entry.check}, {entry.resource}) stands there twice")
        entries.append(entry)
    return entries


def judge(findings: Iterable[Finding], entries: list[Entry]) -> Judgement:
    """Sort the findings by the entries; every entry that covers a finding counts as used."""
    judgement = Judgement(accepted={}, failed=[], stale=[])
    used: set[Entry] = set()
    for finding in sorted(set(findings)):
        covering = [entry for entry in entries if entry.covers(finding)]
        used.update(covering)
        if covering:
            judgement.accepted.setdefault(covering[0], []).append(finding)
        else:
            judgement.failed.append(finding)
    judgement.stale.extend(entry for entry in entries if entry not in used)
    return judgement


def _entry(table: object, where: str) -> Entry:
    try:
        return Entry.model_validate(table)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise AllowListError(
            f"{where}: {faults}. An entry has check, resource (type.name, * and ? in the name), reason "
            "(a sentence), and class if it is for one environment class only"
        ) from None


def _same_scope(one: Entry, other: Entry) -> bool:
    return (one.check, one.resource, one.environment_class) == (other.check, other.resource, other.environment_class)
