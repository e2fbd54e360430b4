"""The report of a recovery, also of one that failed: what was done, what was not, how to go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from tap.recovery.journal import Journal, StepRecord, write_whole
from tap.recovery.plan import Plan

Report = dict[str, Any]


def report_of(plan: Plan, journal: Journal, *, error: str = "", go_on: tuple[str, ...] = ()) -> Report:
    """The report as one JSON document; `error` is what ended it, `go_on` are commands."""
    record = journal.record
    steps = [_step(step.name, step.text, record.steps.get(step.name)) for step in plan.steps]
    results = {name: step.result for name, step in record.steps.items() if step.result}
    return {
        "id": record.id,
        "command": plan.command,
        "title": plan.title,
        "suffix": record.suffix,
        "region": record.region,
        "state": "failed" if error else record.state,
        "error": error,
        "began_at": record.began_at,
        "ended_at": record.ended_at or None,
        "seconds": _seconds(record.began_at, record.ended_at),
        "refused_seconds": _refused(plan, journal),
        "expected": plan.as_json()["expected"],
        "steps": steps,
        "reconciliation": results.get("reconcile"),
        "go_on": list(go_on),
        "afterwards": [] if error else list(plan.afterwards),
        "folder": str(journal.folder),
    }


def write_report(report: Report, folder: Path) -> None:
    """Writes report.json and report.md."""
    write_whole(folder / "report.json", json.dumps(report, indent=2) + "\n")
    write_whole(folder / "report.md", "\n".join(_markdown(report)) + "\n")


def _step(name: str, text: str, record: StepRecord | None) -> dict[str, Any]:
    if record is None:
        return {"name": name, "text": text, "state": "not begun"}
    return {
        "name": name,
        "text": text,
        "state": "done" if record.done else "failed" if record.error else "interrupted",
        "attempts": record.attempts,
        "began_at": record.began_at,
        "seconds": _seconds(record.began_at, record.ended_at),
        "error": record.error,
        "result": record.result,
    }


def _seconds(began: str, ended: str) -> float | None:
    if not (began and ended):
        return None
    return round((datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds(), 1)


def _refused(plan: Plan, journal: Journal) -> float | None:
    """How long no payment was taken; None where that has not ended, or never began."""
    if plan.refused is None or not all(journal.done(name) for name in plan.refused):
        return None
    first, last = (journal.record.steps[name] for name in plan.refused)
    return _seconds(first.began_at, last.ended_at)


def _markdown(report: Report) -> Iterator[str]:
    yield f"# {report['title']}"
    yield ""
    yield f"`{report['command']}` on environment `{report['suffix']}` in {report['region']}: **{report['state']}**"
    yield ""
    if report["error"]:
        yield f"It ended with: {report['error']}"
        yield ""
    yield f"- begun {report['began_at']}, ended {report['ended_at'] or 'not yet'}"
    if report["seconds"] is not None:
        yield f"- took {report['seconds']} s"
    if report["refused_seconds"] is not None:
        yield f"- payments were refused for {report['refused_seconds']} s"
    for name, expected in report["expected"].items():
        yield f"- expected {name.upper()}: {expected['text']} ({expected['source']})"
    yield ""
    yield "| step | state | seconds | result |"
    yield "|---|---|---|---|"
    for step in report["steps"]:
        shown = step.get("error") or json.dumps(step.get("result") or {})
        cells = (step["name"], step["state"], str(step.get("seconds") or ""), shown.replace("|", "\\|"))
        yield f"| {' | '.join(cells)} |"
    for heading, lines in (("How to go on", report["go_on"]), ("Afterwards", report["afterwards"])):
        if lines:
            yield ""
            yield f"## {heading}"
            yield ""
            yield from (f"- {line}" for line in lines)
