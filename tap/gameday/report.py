"""The table of a game day, saved as JSON and Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tap.gameday.game import Run
from tap.gameday.measurement import Summary

COLUMNS = ("scenario", "runs", "RTO", "RPO", "wait", "taken", "lost", "doubled", "refused", "targets")
FIGURES = ("rto", "rpo", "longest_wait", "acknowledged", "lost", "doubled", "refused")


@dataclass(frozen=True)
class GameDay:
    """What was played on one environment; `unfit` and `failed` are scenarios with the reason."""

    suffix: str
    region: str
    summaries: Sequence[Summary]
    runs: Sequence[Run]
    unfit: Mapping[str, str]
    failed: Mapping[str, str]

    @property
    def met(self) -> bool:
        """Whether every scenario that fits was within its targets."""
        return not self.failed and all(summary.met for summary in self.summaries)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The table's rows: median, and worst where that differs."""
        for summary in self.summaries:
            target = "met" if summary.met else "MISSED"
            yield (summary.scenario, str(len(summary.runs)), *(_cell(summary, name) for name in FIGURES), target)
        for name, reason in self.failed.items():
            yield (name, "-", *("-" for _ in FIGURES), f"FAILED: {reason}")

    def as_json(self) -> dict[str, Any]:
        return {
            "suffix": self.suffix,
            "region": self.region,
            "met": self.met,
            "scenarios": [
                {
                    "scenario": summary.scenario,
                    "met": summary.met,
                    "target": asdict(summary.target),
                    "figures": dict(zip(FIGURES, map(_figures, [summary] * len(FIGURES), FIGURES), strict=True)),
                }
                for summary in self.summaries
            ],
            "runs": [
                {
                    "scenario": run.scenario,
                    "began_at": run.began_at.isoformat(timespec="seconds"),
                    **run.measurement.as_json(),
                    "reactions": [asdict(reaction) for reaction in run.reactions],
                }
                for run in self.runs
            ],
            "unfit": dict(self.unfit),
            "failed": dict(self.failed),
        }


def save(game_day: GameDay, directory: Path) -> Path:
    """Write gameday.json and gameday.md to a folder of their own in `directory`; return the folder."""
    folder = directory / f"{datetime.now(UTC):%Y%m%dt%H%M%S}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gameday.json").write_text(json.dumps(game_day.as_json(), indent=2) + "\n")
    (folder / "gameday.md").write_text("\n".join(_markdown(game_day)) + "\n")
    return folder


def _figures(summary: Summary, name: str) -> dict[str, float]:
    median, worst = summary.both(name)
    return {"median": median, "worst": worst}


def _cell(summary: Summary, name: str) -> str:
    median, worst = summary.both(name)
    return f"{median:.4g}" if median == worst else f"{median:.4g} / {worst:.4g}"


def _markdown(game_day: GameDay) -> Iterator[str]:
    yield f"# Game day of {game_day.suffix} in {game_day.region}"
    yield ""
    yield "Median, and worst where that differs. RTO: from the fault to the first acknowledged payment after which none"
    yield "was refused. RPO: span of the acknowledged payments that are not in the ledger. Wait: the longest of one"
    yield "client that went on sending the same payment. These in seconds; the others are payments."
    yield ""
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{'---|' * len(COLUMNS)}"
    for row in game_day.rows():
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"
    yield ""
    for summary in game_day.summaries:
        target = summary.target
        yield f"- target of {summary.scenario}: RTO below {target.rto:g} s, RPO at most {target.rpo:g} s"
    for name, reason in game_day.unfit.items():
        yield ""
        yield f"Not played: {name}: {reason}"
    for run in game_day.runs:
        yield ""
        yield f"## {run.scenario}, {run.began_at:%Y-%m-%d %H:%M:%S} UTC"
        yield ""
        yield from (f"- after {reaction.seconds:g} s {reaction.text}" for reaction in run.reactions)
