"""`tap replay`: payment events handled once more. Safe twice: the ledger knows what it has taken."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated

import typer

from tap.archive_replay import ArchiveReplays, Replay, ReplayProgress
from tap.commands.exit_codes import ExitCode
from tap.commands.options import AsJson, Local, Region, Suffix, Wait, moment
from tap.commands.output import note, print_fields, print_json, print_table, progress_bar
from tap.dead_letters import DeadLetterQueues, Redrive
from tap.environment import Environment

POLL_SECONDS = 2.0
# SQS counts approximately and late, so that one count of nothing is no proof
# (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html).
EMPTY_COUNTS = 3

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be replayed, and change nothing.")]

app = typer.Typer(help="Have payment events handled once more; safe to repeat.", no_args_is_help=True)


@app.command()
def dead_letters(
    dry_run: DryRun = False,
    wait: Wait = 600,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Move payment events from the dead-letter queues to the replay queue, and wait until they were handled.

    What is no payment event stays where it is; the schedule's own ticks are discarded. An interruption loses nothing:
    run it again.
    """
    queues = DeadLetterQueues(Environment.find(suffix=suffix, region=region, local=local))
    if dry_run:
        _show_dead_letters(queues, as_json)
        return
    redrive = Redrive()
    with progress_bar() as bar:
        task = bar.add_task("moving", total=sum(queues.counts().values()))
        queues.move(redrive, lambda more: bar.advance(task, more))
    waiting = _wait_for_replay(queues, redrive.moved, wait) if redrive.moved else 0
    came_back = queues.came_back(redrive) if redrive.moved else 0
    result = {
        "moved": redrive.moved,
        "discarded": redrive.discarded,
        "left": redrive.left,
        "failed": redrive.failed,
        "still_waiting": waiting,
        "came_back": came_back,
    }
    _print(result, as_json)
    if waiting:
        note(f"{waiting} messages wait in the replay queue after {wait:g} s; they go on by themselves")
    if came_back or redrive.failed:
        note("what failed or came back is still a dead letter: mend the cause (the function's log), then run it again")
    if waiting or came_back or redrive.failed:
        raise typer.Exit(ExitCode.FAILED)


@app.command()
def archive(
    begin: Annotated[str, typer.Option("--from", help="Begin of the period, such as 2026-11-21T10:00Z.")],
    end: Annotated[str, typer.Option("--to", help="Its end.")],
    dry_run: DryRun = False,
    wait: Wait = 900,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Put archived events of a period on the bus again, for the payment rule alone, and wait until that is done."""
    first, last = moment("--from", begin), moment("--to", end)
    if first >= last:
        raise typer.BadParameter(f"{end} is not after --from {begin}", param_hint="--to")
    replays = ArchiveReplays(Environment.find(suffix=suffix, region=region, local=local))
    replay = replays.prepare(first, last)
    if dry_run:
        _print({**_described(replay), "state": "not started", "archived_events": replay.archived_events}, as_json)
        return
    replays.start(replay)
    note(f"replay {replay.name} started; it goes on in AWS whatever becomes of this command")
    progress = _wait_for_archive(replays, replay, wait)
    _print({**_described(replay), "state": progress.state, "reason": progress.reason}, as_json)
    if not progress.ended:
        note(f"not ended after {wait:g} s; look again with `aws events describe-replay --replay-name {replay.name}`")
    if progress.state != "COMPLETED":
        raise typer.Exit(ExitCode.FAILED)


def _show_dead_letters(queues: DeadLetterQueues, as_json: bool) -> None:
    rows = [
        {
            "queue": letter.queue,
            "payment_id": letter.payment_id,
            "error": letter.error,
            "action": "replay" if letter.is_payment else "discard" if letter.is_schedule_tick else "leave",
        }
        for letter in queues.read()
    ]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows[0].keys(), (row.values() for row in rows), title=f"{len(rows)} dead letters, nothing changed")
    else:
        note("there are no dead letters")


def _wait_for_replay(queues: DeadLetterQueues, moved: int, seconds: float) -> int:
    """Waits until the replay queue is empty; returns how many messages it still has."""
    deadline = time.monotonic() + seconds
    empty = 0
    with progress_bar() as bar:
        task = bar.add_task("replaying", total=moved)
        while True:
            waiting = queues.waiting()
            empty = empty + 1 if waiting == 0 else 0
            bar.update(task, completed=max(0, moved - waiting))
            if empty >= EMPTY_COUNTS or time.monotonic() >= deadline:
                return waiting
            time.sleep(min(POLL_SECONDS, max(0.0, deadline - time.monotonic())))


def _wait_for_archive(replays: ArchiveReplays, replay: Replay, seconds: float) -> ReplayProgress:
    deadline = time.monotonic() + seconds
    with progress_bar() as bar:
        task = bar.add_task("replaying", total=1.0)
        while True:
            progress = replays.progress(replay)
            bar.update(task, completed=progress.done, description=progress.state.lower())
            if progress.ended or time.monotonic() >= deadline:
                return progress
            time.sleep(min(POLL_SECONDS, max(0.0, deadline - time.monotonic())))


def _described(replay: Replay) -> dict[str, object]:
    return {"replay": replay.name, "from": replay.begin.isoformat(), "to": replay.end.isoformat()}


def _print(result: Mapping[str, object], as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        print_fields(result)
