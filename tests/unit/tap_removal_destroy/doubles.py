"""Stand-ins for what a removal works with, each with its answers made up beforehand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from tap.account import Account
from tap.inventory.found import FoundEnvironment, common_tags
from tap.inventory.resource import Resource, environment_tags, resource_type
from tap.inventory.state import State, StateResource
from tap.inventory.stored_state import StoredState
from tap.removal.destroy import Destruction
from tap.removal.sweep import SweepReport
from tap.terraform import Plan
from tap.terraform_errors import LockInfo, TerraformError
from tap.terraform_events import ChangeSummary, PlannedChange

ACCOUNT = "123456789012"
REGION = "us-east-1"
SUFFIX = "pr-1"
TAGS = {**environment_tags(SUFFIX), "EnvironmentClass": "ephemeral", "HomeRegion": REGION}
TOPIC = StateResource(
    "aws_sns_topic.topic", "aws_sns_topic", "managed", {"arn": "arn:aws:sns:us-east-1:1:t", "tags_all": TAGS}
)


def resource(arn: str, **tags: str) -> Resource:
    """A resource of the environment, by the end of its ARN: `sqs:us-east-1:123456789012:queue`."""
    return Resource(f"arn:aws:{arn}", resource_type(f"arn:aws:{arn}"), {**TAGS, **tags})


QUEUE = resource(f"sqs:{REGION}:{ACCOUNT}:payment-queue-{SUFFIX}")
SNAPSHOT = resource(f"rds:{REGION}:{ACCOUNT}:cluster-snapshot:final", EnvironmentClass="production")


class StubAccount(Account):
    """An account that must not be asked for anything but its number."""

    def __init__(self) -> None:
        self.region = REGION
        self.endpoint_url = None
        self.id = ACCOUNT

    def client(self, service: str, region: str | None = None) -> Any:
        raise AssertionError(f"a call to {service} in {region}")


class StubStates:
    """One state, or none."""

    def __init__(self, state: State | None = None, lock: LockInfo | None = None) -> None:
        self.state = state
        self.held = lock

    def list(self) -> list[StoredState]:
        raise AssertionError("all states were listed")

    def read(self, suffix: str) -> State | None:
        assert suffix == SUFFIX
        return self.state

    def read_stored(self, stored: StoredState) -> State:
        assert stored.suffix == SUFFIX
        return self.state or State(0, "")

    def find(self, suffix: str) -> StoredState | None:
        assert suffix == SUFFIX
        return StoredState(suffix, "single-region", "s3://b/k", 1, None) if self.state else None  # type: ignore[arg-type]

    def lock(self, suffix: str) -> LockInfo | None:
        assert suffix == SUFFIX
        return self.held

    def remove_empty(self, suffix: str) -> bool:
        if suffix != SUFFIX or self.state is None or not self.state.is_empty:
            return False
        self.state = None
        return True


class StubFinder:
    """Answers with one search after the other; the last one again and again."""

    def __init__(self, *searches: Iterable[Resource], elsewhere: str | None = None) -> None:
        self.searches = [tuple(search) for search in searches]
        self.elsewhere = elsewhere
        self.known: list[State | None] = []

    def environment(
        self, suffix: str, known: State | None = None, earlier: Collection[Resource] = ()
    ) -> FoundEnvironment:
        self.known.append(known)
        self.earlier = set(earlier)
        found = self.searches.pop(0) if len(self.searches) > 1 else self.searches[0]
        tags = common_tags([one.tags for one in found])
        return FoundEnvironment(suffix, resources=found, elsewhere=self.elsewhere, tags=tags)


class StubSweeper:
    """Removes everything but what it is told to fail at."""

    def __init__(self, **failing: str) -> None:
        self.failing = failing
        self.asked: list[tuple[set[str], set[str]]] = []

    def sweep(
        self, suffix: str, resources: Iterable[Resource], *, owners: Collection[str], timeout: float
    ) -> SweepReport:
        assert (suffix, timeout >= 0) == (SUFFIX, True)
        given = list(resources)
        self.asked.append(({one.name for one in given}, set(owners)))
        report = SweepReport()
        for one in given:
            if one.type.partition(":")[0] in self.failing:
                report.failed.append((one, self.failing[one.type.partition(":")[0]]))
            else:
                report.swept.append(one)
        return report


class StubTerraform:
    """Empties the state when it is applied, unless it is told to fail; `failures` are taken one after the other."""

    def __init__(self, states: StubStates, *failures: TerraformError) -> None:
        self.states = states
        self.failures = list(failures)
        self.removed: dict[str, None] = {}
        self.seconds = 2.0
        self.applied: list[Plan | None] = []
        self.discarded = False

    def plan(self, _on_event: object = None) -> Plan | None:
        state = self.states.state
        if state is None or state.is_empty:
            return None
        changes = tuple(PlannedChange(one.address, one.type, "delete") for one in state.managed)
        return Plan(None, False, changes, ChangeSummary("plan", remove=len(changes)))  # type: ignore[arg-type]

    def remove(self, plan: Plan | None, _on_event: object = None, _on_note: object = None) -> TerraformError | None:
        self.applied.append(plan)
        if self.failures:
            return self.failures.pop(0)
        assert self.states.state is not None
        self.removed |= {one.address: None for one in self.states.state.managed}
        self.states.state = State(2, "a")
        return None

    def discard(self) -> None:
        self.discarded = True


def destruction(
    finder: StubFinder,
    states: StubStates | None = None,
    sweeper: StubSweeper | None = None,
    failures: Iterable[TerraformError] = (),
    **options: Any,
) -> Destruction:
    """The removal of the environment with these stand-ins, and without pauses."""
    states = states or StubStates()
    made = Destruction(
        StubAccount(),
        states,
        SUFFIX,
        finder=finder,  # type: ignore[arg-type]
        sweeper=sweeper or StubSweeper(),  # type: ignore[arg-type]
        **options,
    )
    made.terraform = StubTerraform(states, *failures)  # type: ignore[assignment]
    made.remainder.pause_seconds = 0
    return made
