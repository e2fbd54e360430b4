"""Events have one time for all rules, and archived ones are replayed in the background, which moto does at once, all of
them, to all rules (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html)."""

import logging
import threading
import time
import uuid
from typing import Any

from moto.events.exceptions import IllegalStatusException
from moto.events.models import Archive, EventPattern, EventsBackend, Replay, ReplayState, events_backends

from local_aws.registry import installs, patch

PAUSE_SECONDS = 0.001
"""Wait between two events, so that a replay can be cancelled."""

log = logging.getLogger(__name__)


@installs
def one_time_for_all_rules() -> None:
    """Gives an event without a time the one at which it came; moto takes another for each rule."""
    plain: Any = EventsBackend.put_events

    def put_events(backend: Any, events: list[dict[str, Any]]) -> Any:
        return plain(backend, [{"Time": time.time(), **event} for event in events])

    patch(EventsBackend, put_events=put_events)


@installs
def replay_in_the_background() -> None:
    """Makes replays keep to their time range and rules, and show their state."""

    def replay_events(replay: Any, archive: Archive) -> None:
        threading.Thread(target=_run, args=(replay, list(archive.events)), daemon=True).start()

    def describe_short(replay: Any) -> dict[str, Any]:
        shown: dict[str, Any] = plain_describe(replay)
        last = getattr(replay, "last_replayed", None)
        return {**shown, "EventLastReplayedTime": last} if last else shown

    def cancel_replay(backend: Any, name: str) -> dict[str, str]:
        replay = backend._get_replay(name)
        if replay.state not in (ReplayState.STARTING, ReplayState.RUNNING):
            raise IllegalStatusException(f"Replay {name} is not in a valid state for this operation.")
        replay.state = ReplayState.CANCELLING
        return {"ReplayArn": replay.arn, "State": ReplayState.CANCELLING.value}

    def update_archive(backend: Any, name: str, description: str, event_pattern: str, retention: str) -> dict[str, Any]:
        answer: dict[str, Any] = plain_update(backend, name, description, event_pattern, retention)
        rule = backend.archives[name].rule
        if event_pattern and rule:
            pattern = EventPattern.load(event_pattern)
            pattern._pattern["replay-name"] = [{"exists": False}]
            rule.event_pattern = pattern
        return answer

    plain_describe, plain_update = Replay.describe_short, EventsBackend.update_archive
    patch(Replay, replay_events=replay_events, describe_short=describe_short)
    patch(EventsBackend, cancel_replay=cancel_replay, update_archive=update_archive)


def _run(replay: Any, events: list[Any]) -> None:
    try:
        _replay(replay, events)
    except Exception:
        log.exception("Replay %s has failed", replay.name)
        replay.state = ReplayState.FAILED
    replay.end_time = time.time()


def _replay(replay: Any, events: list[Any]) -> None:
    """Sends the events of the replay's time range, oldest first, to its rules. They get ids of their own."""
    replay.state = ReplayState.RUNNING
    backend = events_backends[replay.account_id][replay.region]
    bus = backend.describe_event_bus(replay.destination["Arn"])
    wanted = replay.destination.get("FilterArns") or []
    begin, end = float(replay.event_start_time), float(replay.event_end_time)
    for event in sorted(events, key=lambda event: float(event["time"])):
        if replay.state is ReplayState.CANCELLING:
            replay.state = ReplayState.CANCELLED
            return
        if not begin <= float(event["time"]) <= end:
            continue
        replayed: Any = {**event, "id": str(uuid.uuid4()), "replay-name": replay.name}
        for rule in list(bus.rules.values()):
            if not wanted or rule.arn in wanted:
                rule.send_to_targets(replayed)
        replay.last_replayed = float(event["time"])
        time.sleep(PAUSE_SECONDS)
    replay.state = ReplayState.COMPLETED
