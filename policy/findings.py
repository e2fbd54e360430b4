"""What a tool found, in one form for all tools."""

from dataclasses import dataclass


class ScanError(Exception):
    """A scan did not run or looked at nothing; the message says what to do."""


@dataclass(frozen=True, order=True)
class Finding:
    """One failed check of one resource. `link` leads to what the check wants; `detail` is the tool's own message."""

    check: str
    resource: str
    scan: str
    environment_class: str
    title: str
    link: str
    detail: str = ""


@dataclass(frozen=True)
class ScanResult:
    """What one tool said about one document: how many checks passed, and each that failed."""

    scan: str
    passed: int
    findings: tuple[Finding, ...]
