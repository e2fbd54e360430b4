"""checkov (https://www.checkov.io) on synthesized JSON, on plans and on the Dockerfile."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from policy.findings import Finding, ScanError, ScanResult
from policy.tools import run_tool

# `terraform` finds nothing in Terraform's JSON syntax and says so with success; `terraform_json` reads it.
Framework = Literal["terraform_json", "terraform_plan", "dockerfile"]

_INDEX = "https://www.checkov.io/5.Policy%20Index"
_SOURCE = "https://github.com/bridgecrewio/checkov/blob"

# Gives scan, address and environment class of each resource that is meant by a resource as checkov names it.
Locate = Callable[[str], list[tuple[str, str, str]]]


def scan(document: Path, framework: Framework, name: str, locate: Locate) -> ScanResult:
    """Scan one document. ScanError when checkov did not read it, or found nothing in it to check."""
    options = ["--framework", framework, "--skip-download", "--soft-fail", "--compact", "--output", "json"]
    return parse(run_tool("checkov", ["--file", str(document), *options]), name, locate)


def parse(output: str, name: str, locate: Locate) -> ScanResult:
    """What checkov's JSON says."""
    try:
        report: dict[str, Any] = json.loads(output)
    except ValueError:
        raise ScanError(f"{name}: checkov's answer is not JSON: {output[:500]}") from None
    results: dict[str, Any] = report.get("results", {})
    if results.get("parsing_errors"):
        raise ScanError(f"{name}: checkov cannot read {', '.join(results['parsing_errors'])}")
    passed, failed = results.get("passed_checks", []), results.get("failed_checks", [])
    if not passed and not failed:
        raise ScanError(f"{name}: checkov found nothing to check there")
    version = report.get("summary", {}).get("checkov_version", "main")
    index = "dockerfile" if report.get("check_type") == "dockerfile" else "terraform"
    findings = [finding for check in failed for finding in _findings(check, f"{_INDEX}/{index}.html", version, locate)]
    return ScanResult(name, len(passed), tuple(findings))


def _findings(check: dict[str, Any], index: str, version: str, locate: Locate) -> list[Finding]:
    link = check.get("guideline") or _source(check.get("check_class") or "", version) or index
    return [
        Finding(
            check=check["check_id"],
            resource=address,
            scan=scan_name,
            environment_class=environment_class,
            title=check["check_name"],
            link=link,
        )
        for scan_name, address, environment_class in locate(check["resource"])
    ]


def _source(check_class: str, version: str) -> str:
    """Where the check is written down, if that is one file: offline, checkov gives no guideline."""
    if not check_class.startswith(("checkov.terraform.checks.", "checkov.dockerfile.checks.")):
        return ""
    return f"{_SOURCE}/{version}/{check_class.replace('.', '/')}.py"
