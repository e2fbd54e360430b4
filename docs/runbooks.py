"""The runbooks, from the plans that `tap recover ... --dry-run` prints: `python -m docs.runbooks [--check]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence

from docs.markers import ROOT
from tap.recovery.archive_replaying import replay_plan
from tap.recovery.backtrack import backtrack_plan
from tap.recovery.database_restore import database_restore_plan
from tap.recovery.discard import discard_plan
from tap.recovery.plan import Expectation, Plan
from tap.recovery.region_failover import FAILOVER, SWITCHOVER, failback_plan, region_failover_plan
from tap.recovery.restored_ledger import AURORA, BACKUP
from tap.recovery.table_restore import table_restore_plan
from tap.recovery.writer_failover import writer_failover_plan

FOLDER = ROOT / "docs" / "runbooks"
SUFFIX, TIME, REGION = "SUFFIX", "TIME", "REGION"
SINCE = Expectation(f"what was booked since {TIME}; the last five minutes cannot be restored to", AURORA)
OF_BACKUP = Expectation("what was booked since the backup", BACKUP)
WHEN = {
    "failover-writer": "The ledger's writer does not answer, or the service cannot reach it. An alarm starts the "
    "same state machine by itself.",
    "switchover": "The other Region is to take payments, and both work: maintenance, or a rehearsal.",
    "failover": "The primary Region is lost, or its ledger is, and nobody waits for it.",
    "failback": "The home Region works again, and its cluster follows the other one.",
    "backtrack": "Something wrong was written to the ledger (Aurora MySQL, one Region); all since is to be undone.",
    "restore-database": "The same where there is no backtrack (PostgreSQL), or farther back than it reaches.",
    "restore-database-beside": "A look at the ledger of then, or rows to be mended from it. Also with two Regions.",
    "restore-backup": "What is to be restored is older than the continuous backup, or that is gone.",
    "restore-table": "Sessions were deleted by mistake. Without them answers come from the ledger.",
    "replay": "Payments that came by the event bus are to be taken once more, as after a rewind.",
    "discard": "Nobody needs the cluster any more that a restore left.",
}


def plans() -> Mapping[str, Plan]:
    """Each runbook's plan, by the page's name, in the order of the index."""
    restore = f"tap recover restore-database --to {TIME}"
    return {
        "failover-writer": writer_failover_plan(SUFFIX, REGION),
        "switchover": region_failover_plan(SUFFIX, REGION, SWITCHOVER),
        "failover": region_failover_plan(SUFFIX, REGION, FAILOVER),
        "failback": failback_plan(SUFFIX, "HOME_REGION"),
        "backtrack": backtrack_plan(SUFFIX, TIME),
        "restore-database": database_restore_plan(SUFFIX, TIME, restore, SINCE, beside=False),
        "restore-database-beside": database_restore_plan(SUFFIX, TIME, f"{restore} --beside", SINCE, beside=True),
        "restore-backup": database_restore_plan(
            SUFFIX, "the backup ID", "tap recover restore-backup ID", OF_BACKUP, beside=False
        ),
        "restore-table": table_restore_plan(SUFFIX, TIME, f"tap recover restore-table --to {TIME}"),
        "replay": replay_plan(SUFFIX, "BEGIN", "END"),
        "discard": discard_plan(SUFFIX, "ID", "CLUSTER"),
    }


def pages() -> dict[str, str]:
    """The text of every page, by its file's name."""
    found = {f"{name}.md": "\n".join(_page(name, plan)) + "\n" for name, plan in plans().items()}
    return {"README.md": "\n".join(_index()) + "\n", **found}


def _index() -> Iterator[str]:
    yield "# Runbooks"
    yield ""
    yield (
        "One page for each recovery: the text that the command itself shows with `--dry-run`, and before it asks. "
        "Written by `python -m docs.runbooks`; change the plans in [tap/recovery](../../tap/recovery), not these pages."
    )
    yield ""
    yield "| when | command | may be lost | payments are refused |"
    yield "|---|---|---|---|"
    for name, plan in plans().items():
        refused = f"from `{plan.refused[0]}` to `{plan.refused[1]}`" if plan.refused else "no"
        yield f"| [{WHEN[name]}]({name}.md) | `{plan.command}` | {plan.may_lose} | {refused} |"
    yield ""
    yield (
        "Every command keeps a journal in `recoveries/SUFFIX/ID` (`--directory`). Interrupted or failed, it goes on "
        "with `tap recover resume`, or is given up with `tap recover abandon`, which starts the writers that it had "
        "stopped. Both need the journal: keep the folder. At the end, also of one that failed, `report.md` and "
        "`report.json` are beside it."
    )
    yield ""
    yield (
        "Where data may be lost, or the Region changes, the suffix is typed out, or given with `--confirm SUFFIX`; "
        "`--yes` is not enough. `--local` is for the environment of `make local`."
    )


def _page(name: str, plan: Plan) -> Iterator[str]:
    yield f"# {plan.title}"
    yield ""
    yield WHEN[name]
    yield ""
    yield f"    pipenv run {plan.command} --suffix {SUFFIX}"
    yield ""
    yield plan.does
    yield ""
    yield "| | | source |"
    yield "|---|---|---|"
    yield f"| may be lost | {plan.may_lose} | |"
    yield f"| RPO | {plan.rpo.text} | {_source(plan.rpo)} |"
    yield f"| RTO | {plan.rto.text} | {_source(plan.rto)} |"
    agreed = "typing the suffix, or `--confirm SUFFIX`" if plan.loses_data or plan.needs_suffix else "yes, or `--yes`"
    yield f"| agreed to by | {agreed} | |"
    yield ""
    yield "## Steps"
    yield ""
    yield from (f"{number}. **{step.name}**: {step.text}." for number, step in enumerate(plan.steps, 1))
    if plan.afterwards:
        yield ""
        yield "## Afterwards"
        yield ""
        yield from (f"- {line}" for line in plan.afterwards)
    yield ""
    yield "[All runbooks](README.md)"


def _source(expected: Expectation) -> str:
    return f"[AWS]({expected.source})" if expected.source.startswith("https://") else expected.source


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or compare them with `--check`. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.runbooks", description="Writes docs/runbooks.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail where a page is out of date")
    options = parser.parse_args(arguments)
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    if there == wanted:
        return 0
    changed = sorted(name for name in there.keys() | wanted.keys() if there.get(name) != wanted.get(name))
    if options.check:
        print(f"error: docs/runbooks: {', '.join(changed)} out of date: run `python -m docs.runbooks`", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    for name in changed:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
    print(f"docs/runbooks: {', '.join(changed)} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
