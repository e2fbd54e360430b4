"""All scans of one run, side by side."""

import json
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy import cfn_linter, checkov_scan, dockerfile_linters, parliament_linter
from policy.configuration import Configuration
from policy.findings import ScanResult
from policy.plan import plan_of_policies, planned
from policy.policy_documents import PolicyDocument, distinct_policies

POLICIES_SCAN = "policies, checkov"


@dataclass(frozen=True)
class Scans:
    """Runs scans in threads, each of which waits for a child process; results in the order of their start."""

    workspace: Path
    pool: ThreadPoolExecutor
    running: list[Future[ScanResult]]

    def start(self, scan: Callable[..., ScanResult], *arguments: object) -> None:
        """Start one scan."""
        self.running.append(self.pool.submit(scan, *arguments))

    def start_plan(self, name: str, plan: dict[str, Any], locate: checkov_scan.Locate) -> None:
        """Start checkov on a plan."""
        file = self.workspace / f"{name.replace(' ', '-').replace(',', '')}.plan.json"
        file.write_text(json.dumps(plan))
        self.start(checkov_scan.scan, file, "terraform_plan", name, locate)


def scan_all(
    configurations: list[Configuration],
    workspace: Path,
    *,
    planned_name: str | None = None,
    dockerfile: Path | None = None,
) -> list[ScanResult]:
    """Scan the configurations, their policies, the plan of the one that `planned_name` names, and the Dockerfile.

    Raises ScanError, or TerraformError when there is no plan.
    """
    policies = distinct_policies(configurations)
    pool = ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2))
    scans = Scans(workspace, pool, [])
    try:
        for one in configurations:
            scans.start(checkov_scan.scan, one.path.resolve(), "terraform_json", one.name, _in(one, one.name))
        scans.start(cfn_linter.lint, policies)
        scans.start(parliament_linter.lint, policies)
        plan, by_address = plan_of_policies(policies)
        scans.start_plan(POLICIES_SCAN, plan, _among(by_address))
        if dockerfile:
            scans.start(dockerfile_linters.lint, dockerfile)
            scans.start(dockerfile_linters.scan, dockerfile)
        for one in configurations:
            if one.name == planned_name:
                name = f"{one.name}, plan"
                scans.start_plan(name, planned(one, workspace), _in(one, name))
        return [future.result() for future in scans.running]
    finally:
        pool.shutdown(cancel_futures=True)


def _in(configuration: Configuration, scan: str) -> checkov_scan.Locate:
    return lambda reported: [(scan, configuration.address(reported), configuration.environment_class)]


def _among(by_address: dict[str, PolicyDocument]) -> checkov_scan.Locate:
    def locate(reported: str) -> list[tuple[str, str, str]]:
        policy = by_address[reported]
        return [(origin.name, policy.address, origin.environment_class) for origin in policy.origins]

    return locate
