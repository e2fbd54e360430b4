"""Tells what was found, shortly."""

from collections import defaultdict
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from policy.accepted import ACCEPTED, Judgement
from policy.findings import Finding, ScanResult

DETAIL_LENGTH = 240


def print_report(console: Console, results: Iterable[ScanResult], judgement: Judgement, seconds: float) -> None:
    """Print a table of the scans, what was accepted and why, what failed and where its remedy is, and a last line."""
    _print_scans(console, results, judgement)
    _print_accepted(console, judgement)
    failed = _grouped(judgement.failed)
    for finding, scans in failed:
        _print_failed(console, finding, scans)
    for entry in judgement.stale:
        limit = f" in class {entry.environment_class}" if entry.environment_class else ""
        what = f"{entry.check} of {entry.resource}{limit}"
        console.print(f"STALE  {ACCEPTED.name} accepts {what}, which no scan found: delete the entry", markup=False)
    faults = f"failed (findings without a reason: {len(failed)}, stale entries: {len(judgement.stale)})"
    verdict = faults if judgement.failed or judgement.stale else "ok"
    console.print(f"policy: {verdict}, {seconds:.0f} s")


def _print_scans(console: Console, results: Iterable[ScanResult], judgement: Judgement) -> None:
    failed = set(judgement.failed)
    table = Table("scan", box=None, pad_edge=False)
    for heading in ("passed", "accepted", "failed"):
        table.add_column(heading, justify="right")
    for result in results:
        found = set(result.findings)
        bad = len(found & failed)
        table.add_row(result.scan, str(result.passed), str(len(found) - bad), str(bad))
    console.print(table)


def _print_accepted(console: Console, judgement: Judgement) -> None:
    if not judgement.accepted:
        return
    table = Table("accepted", "resources", "reason", box=None, pad_edge=False)
    for entry, findings in judgement.accepted.items():
        limit = f" ({entry.environment_class})" if entry.environment_class else ""
        table.add_row(f"{entry.check}{limit}", str(len({finding.resource for finding in findings})), entry.reason)
    console.print()
    console.print(table)
    console.print()


def _grouped(findings: Iterable[Finding]) -> list[tuple[Finding, list[str]]]:
    """Each finding once, with the scans that found it."""
    scans: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        scans[finding.check, finding.resource, finding.detail].append(finding)
    return [(same[0], sorted({finding.scan for finding in same})) for same in scans.values()]


def _print_failed(console: Console, finding: Finding, scans: list[str]) -> None:
    console.print(f"FAILED {finding.check} {finding.resource} ({', '.join(scans)})", markup=False, soft_wrap=True)
    console.print(f"       {finding.title}", markup=False, soft_wrap=True)
    if finding.detail:
        console.print(f"       {finding.detail[:DETAIL_LENGTH]}", markup=False, soft_wrap=True)
    console.print(f"       {finding.link}", markup=False, soft_wrap=True)
