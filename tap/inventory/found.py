"""An environment as the finder found it: what its resources and its state say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tap.inventory.resource import Resource
from tap.inventory.state import State
from tap.inventory.stored_state import StoredState

CLASSES = ("production", "staging", "ephemeral")
"""The most protected one first: where the tags of an environment disagree, it counts."""


@dataclass(frozen=True)
class FoundEnvironment:
    """All that exists of one environment in the account and Region.

    `state` is None where there is none, or none that lists anything; `resources` are sorted by ARN; `created` is when
    the first of its roles was; `expires_at` is None for one that never expires; `elsewhere` is another Region that has
    resources or the state of this suffix.
    """

    suffix: str
    architecture: str | None = None
    state: StoredState | None = None
    resources: tuple[Resource, ...] = field(default=(), repr=False)
    environment_class: str | None = None
    owner: str | None = None
    created: datetime | None = None
    expires_at: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    elsewhere: str | None = None

    @property
    def secondary_region(self) -> str | None:
        """The other Region of an environment in two."""
        return self.tags.get("SecondaryRegion")

    @property
    def exists(self) -> bool:
        """Whether there is anything of it."""
        return self.state is not None or bool(self.resources)


def describe(
    suffix: str,
    resources: Iterable[Resource],
    *,
    stored: StoredState | None = None,
    state: State | None = None,
    created: datetime | None = None,
    elsewhere: str | None = None,
) -> FoundEnvironment:
    """Put together what was found. `state` speaks for itself where no resource has tags."""
    found = tuple(sorted(resources, key=lambda resource: resource.arn))
    tagged = [resource.tags for resource in found if resource.tags] or ([state.default_tags] if state else [])
    tags = common_tags(tagged)
    classes = {one.get("EnvironmentClass") for one in tagged}
    return FoundEnvironment(
        suffix,
        architecture=tags.get("Architecture") or (stored.architecture if stored else None),
        state=stored,
        resources=found,
        environment_class=next((name for name in CLASSES if name in classes), tags.get("EnvironmentClass")),
        owner=tags.get("Owner"),
        created=created,
        expires_at=latest_expiry(tagged),
        tags=tags,
        elsewhere=elsewhere,
    )


def common_tags(tagged: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The tags that more than half of the resources share; those of AWS itself are none."""
    counted = Counter(pair for tags in tagged for pair in tags.items() if not pair[0].startswith("aws:"))
    return dict(sorted(pair for pair, number in counted.items() if 2 * number > len(tagged)))


def latest_expiry(tagged: Iterable[Mapping[str, str]]) -> datetime | None:
    """The latest of the tags `ExpiresAt`.

    None if there is none, or one that is no time with a zone: nothing expires by a slip of the pen.
    """
    times = [_time(tags["ExpiresAt"]) for tags in tagged if "ExpiresAt" in tags]
    usable = [time for time in times if time]
    return max(usable) if usable and len(usable) == len(times) else None


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else None
