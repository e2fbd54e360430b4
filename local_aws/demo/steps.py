"""The steps of the demo, each timed, on one environment."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from local_aws.demo.containers import show_containers
from local_aws.demo.ground import Ground
from local_aws.demo.stage import DemoError, Site, Stage
from local_aws.demo.taking import take_payments
from local_aws.demo.two_regions import show_two_regions
from local_aws.server import LocalAws
from tap.commands.environments.receipt_table import print_receipt
from tap.deployment import Deployment
from tap.progress import RunProgress
from tap.removal.destroy import Destruction


class Demo:
    """The steps, each timed, on one environment."""

    def __init__(self, aws: LocalAws, directory: Path, console: Console) -> None:
        self._aws = aws
        self._console = console
        self._steps: list[tuple[str, float]] = []
        self._ground = Ground(aws, os.environ)
        variables = {**aws.environment(), "STATE_BUCKET": "", **self._ground.variables()}
        self._deployment = Deployment(directory, variables, on_event=self._tell)
        self._destruction = Destruction(
            self._deployment.account,
            self._deployment.states,
            self._deployment.settings.environment_suffix,
            directory=directory / "environments",
            protected_suffixes="",
        )
        self._progress: RunProgress | None = None

    def run(self) -> None:
        """Run every step; raise DemoError, or what a step raises, at the first that fails."""
        with self._step("synthesize"):
            self._deployment.synthesize()
        with self._step("terraform init"):
            self._deployment.terraform.init()
        with self._step("plan and deploy", progress=True):
            self._deployment.terraform.apply(self._deployment.terraform.plan())
        outputs = self._deployment.terraform.output()
        self._show_resources()
        self._show_outputs(outputs)
        with self._step("take payments"):
            stage = Stage(self._aws, self._deployment, self._console)
            if self._deployment.settings.runs_containers:
                show_containers(stage, outputs, "primary" if self._deployment.settings.in_two_regions else None)
            elif self._deployment.settings.in_two_regions:
                show_two_regions(stage, outputs)
            else:
                take_payments(Site(stage, outputs))
        with self._step("plan again", progress=True):
            plan = self._deployment.terraform.plan()
        if not plan.empty:
            changes = ", ".join(f"{change.action} {change.address}" for change in plan.changes)
            raise DemoError(f"the second plan is not empty: {changes or 'outputs change'}")
        self._say("the second plan is empty")
        with self._step("destroy", progress=True):
            receipt = self._destruction.run(self._tell, on_note=self._say)
        self._ground.clear()
        left = self._aws.leftovers()
        if left or receipt.left:
            raise DemoError(f"left after destroy: {json.dumps(receipt.as_json() | left, indent=2)}")
        self._say("nothing is left on the local AWS")
        self._show_times()
        print_receipt(receipt)

    @contextmanager
    def _step(self, name: str, *, progress: bool = False) -> Iterator[None]:
        started = time.monotonic()
        self._console.rule(name, align="left")
        if progress:
            with RunProgress(name, self._console) as self._progress:
                yield
            self._progress = None
        else:
            yield
        self._steps.append((name, time.monotonic() - started))

    def _tell(self, event: Any) -> None:
        if self._progress:
            self._progress(event)

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _show_resources(self) -> None:
        state = self._deployment.terraform.state_json()
        resources = state["values"]["root_module"]["resources"]
        counts = Counter(resource["type"] for resource in resources if resource["mode"] == "managed")
        table = Table(title=f"{counts.total()} resources of {len(counts)} types are deployed", title_justify="left")
        table.add_column("type")
        table.add_column("count", justify="right")
        for type_, count in sorted(counts.items()):
            table.add_row(type_, str(count))
        self._console.print(table)

    def _show_outputs(self, outputs: dict[str, Any]) -> None:
        table = Table(title="Outputs", title_justify="left")
        table.add_column("output")
        table.add_column("value", overflow="fold")
        for name, value in outputs.items():
            table.add_row(name, value if isinstance(value, str) else "\n".join(value))
        self._console.print(table)

    def _show_times(self) -> None:
        table = Table(title="Time", title_justify="left")
        table.add_column("step")
        table.add_column("seconds", justify="right")
        for name, seconds in self._steps:
            table.add_row(name, f"{seconds:.1f}")
        table.add_row("all", f"{sum(seconds for _, seconds in self._steps):.1f}")
        self._console.print(table)
