"""What time an event has."""

from __future__ import annotations

import itertools

import pytest
from moto.events.models import EventsBackend, Rule, events_backends

from local_aws.repairs.events import one_time_for_all_rules

ENTRY = {"Source": "shop", "DetailType": "Sale", "Detail": "{}"}


def test_all_rules_see_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    clock = itertools.count(2.0)
    monkeypatch.setattr(Rule, "send_to_targets", lambda _rule, event: seen.append(event["time"]))
    monkeypatch.setattr("moto.events.models.unix_time", lambda: next(clock))
    # What the repair puts in its place is taken away again.
    monkeypatch.setattr(EventsBackend, "put_events", EventsBackend.put_events)
    one_time_for_all_rules()
    backend = events_backends["123456789012"]["sa-east-1"]
    for name in ("one", "other"):
        backend.put_rule(name, event_pattern='{"source": ["shop"]}')
    backend.put_events([ENTRY, {**ENTRY, "Time": 1.0}])
    assert len(seen) == 4
    assert seen[0] == seen[1]
    assert seen[2:] == [1.0, 1.0]
