"""How every recovery runs: plan, question, steps with their journal, report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from tap.commands.environments.asking import ask, need_somebody
from tap.commands.output import note, print_fields, print_json
from tap.commands.recover.options import RECOVERIES
from tap.environment import Environment
from tap.expiry.clock import aws_time
from tap.recovery.catalogue import build
from tap.recovery.errors import RecoveryRefusedError
from tap.recovery.journal import Journal
from tap.recovery.plan import Plan
from tap.recovery.procedure import Procedure, carry_out
from tap.recovery.report import Report, report_of, write_report
from tap.recovery.site import Site


@dataclass(frozen=True)
class Asked:
    """The options that all recoveries have."""

    suffix: str | None
    region: str | None
    local: bool
    yes: bool = False
    confirm: str | None = None
    dry_run: bool = False
    directory: Path = RECOVERIES
    as_json: bool = False

    def site(self) -> Site:
        """The environment. Raises as `Environment.find` does, and `typer.BadParameter` for another --confirm."""
        environment = Environment.find(suffix=self.suffix, region=self.region, local=self.local)
        if self.confirm is not None and self.confirm != environment.suffix:
            raise typer.BadParameter(
                f"{self.confirm!r} is not {environment.suffix!r}, which is to be recovered", param_hint="--confirm"
            )
        return Site(environment)


def run(kind: str, arguments: dict[str, str], asked: Asked, site: Site | None = None) -> None:
    """A recovery of this kind, from its plan to its report; one that was interrupted goes on."""
    site = site or asked.site()
    procedure = build(kind, site, arguments)
    journal = _unfinished(kind, arguments, site, asked.directory)
    if asked.dry_run:
        _show_plan(procedure, asked)
        procedure.check()
        note("nothing was touched")
        return
    if journal is not None:
        note(f"recovery {journal.id} was interrupted {_where(journal)}; what is done stays done")
        _answer(procedure.plan, site, asked, "Go on with it?")
    else:
        procedure.check()
        for line in procedure.plan.lines():
            note(line)
        _answer(procedure.plan, site, asked, "Do this?")
        journal = Journal.new(
            asked.directory,
            kind=kind,
            suffix=site.suffix,
            region=site.region,
            arguments=arguments,
            now=aws_time(site.environment.account),
        )
    finish(procedure, journal, asked)


def resume(id_: str | None, asked: Asked) -> None:
    """Go on with a recovery: the one with this id, or the only one that is unfinished."""
    site, journal = unfinished(id_, asked)
    procedure = build(journal.record.kind, site, journal.record.arguments)
    note(f"recovery {journal.id} was interrupted {_where(journal)}; what is done stays done")
    for line in procedure.plan.lines():
        note(line)
    _answer(procedure.plan, site, asked, "Go on with it?")
    finish(procedure, journal, asked)


def unfinished(id_: str | None, asked: Asked) -> tuple[Site, Journal]:
    """The recovery that is to go on, or to be given up. Raises `RecoveryRefusedError` where that is none or many."""
    site = asked.site()
    found = [one for one in Journal.unfinished(asked.directory, site.suffix) if id_ in (None, one.id)]
    if not found:
        which = f"recovery {id_} of {site.suffix!r} is not" if id_ else f"no recovery of {site.suffix!r} is"
        raise RecoveryRefusedError(f"{which} unfinished in {asked.directory}; see `tap recover list`")
    if len(found) > 1:
        raise RecoveryRefusedError(f"several are unfinished, name one: {', '.join(one.id for one in found)}")
    return site.elsewhere(found[0].record.region), found[0]


def finish(procedure: Procedure, journal: Journal, asked: Asked) -> None:
    """Do what is left of it, and write the report, whatever happens. Raises what ends it."""
    with journal.locked():
        note(f"recovery {journal.id}; journal and report: {journal.folder}")
        try:
            carry_out(procedure, journal, note)
        except BaseException as error:
            said = str(error) or type(error).__name__
            report = report_of(procedure.plan, journal, error=said, go_on=_go_on(procedure.plan, journal, asked))
            write_report(report, journal.folder)
            _show_report(report, asked)
            for line in report["go_on"]:
                note(line)
            raise
        report = report_of(procedure.plan, journal)
        write_report(report, journal.folder)
        _show_report(report, asked)
        for line in report["afterwards"]:
            note(f"afterwards: {line}")


def _unfinished(kind: str, arguments: dict[str, str], site: Site, directory: Path) -> Journal | None:
    """One of the same command that was interrupted. Raises `RecoveryRefusedError` if it is of another."""
    for journal in Journal.unfinished(directory, site.suffix):
        record = journal.record
        if (record.kind, record.arguments, record.region) != (kind, arguments, site.region):
            raise RecoveryRefusedError(
                f"recovery {journal.id} ({record.kind}) of {site.suffix!r} is unfinished: end it first, with `tap "
                f"recover resume {journal.id}` or `tap recover abandon {journal.id}`"
            )
        return journal
    return None


def _where(journal: Journal) -> str:
    open_ = [name for name, step in journal.record.steps.items() if not step.done]
    return f"in step {open_[-1]}" if open_ else "between two steps"


def _answer(plan: Plan, site: Site, asked: Asked, question: str) -> None:
    """Return if a person, or an option, agrees. Where data may be lost, only the suffix itself does."""
    if asked.confirm is not None:
        return
    if not (plan.loses_data or plan.needs_suffix):
        if not asked.yes:
            ask(question)
        return
    need_somebody(f"--confirm {site.suffix}")
    loss = " Data may be lost:" if plan.loses_data else " If so,"
    typed = typer.prompt(f"{question}{loss} type the suffix ({site.suffix})", err=True)
    if typed != site.suffix:
        raise typer.Abort


def _show_plan(procedure: Procedure, asked: Asked) -> None:
    if asked.as_json:
        print_json(procedure.plan.as_json())
        return
    for line in procedure.plan.lines():
        typer.echo(line)


def _show_report(report: Report, asked: Asked) -> None:
    if asked.as_json:
        print_json(report)
        return
    shown: dict[str, Any] = {
        name: report[name] for name in ("id", "state", "seconds", "refused_seconds") if report[name] is not None
    }
    shown |= {step["name"]: step["state"] for step in report["steps"]}
    shown |= {f"reconcile: {name}": value for name, value in (report["reconciliation"] or {}).items()}
    print_fields({**shown, "report": f"{report['folder']}/report.md"})


def _go_on(plan: Plan, journal: Journal, asked: Asked) -> tuple[str, ...]:
    record = journal.record
    if record.state != "unfinished":
        return (f"see to the cause, then start it anew: `{plan.command}`",)
    options = f" --suffix {record.suffix} --region {record.region}" + (" --local" if asked.local else "")
    stopped = plan.refused is not None and plan.refused[0] in record.steps and not journal.done(plan.refused[1])
    lines = (f"go on where it ended: `tap recover resume {journal.id}{options}`",)
    if stopped:
        return (
            "the writers are stopped: no payment is taken until it is resumed or given up",
            *lines,
            f"give it up, and start the writers on the ledger as it is: `tap recover abandon {journal.id}{options}`",
        )
    return (*lines, f"give it up: `tap recover abandon {journal.id}{options}`")
