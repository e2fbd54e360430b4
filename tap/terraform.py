"""Runs Terraform on one folder and reports what it does while it does it."""

import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tap import toolchain
from tap.child_process import ChildProcess
from tap.terraform_errors import TerraformError, TerraformInterruptedError, error_for
from tap.terraform_events import ChangeSummary, Diagnostic, Event, PlannedChange, parse_event

_NO_CHANGE, _CHANGES = 0, 2


@dataclass(frozen=True)
class Plan:
    """A plan saved as `file`: empty, or what it would change, in resources and in outputs."""

    file: Path
    empty: bool
    changes: tuple[PlannedChange, ...]
    summary: ChangeSummary


class Terraform:
    """Terraform on the configuration in `directory`.

    `environment` is what Terraform runs in, by default this process's own; the project's tools are added to it
    (toolchain.environment). `on_event` is called with each event as it arrives. A failed run raises TerraformError,
    a locked state StateLockedError, an interrupted run TerraformInterruptedError.
    """

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str] | None = None,
        *,
        on_event: Callable[[Event], None] | None = None,
        parallelism: int = 10,
        lock_timeout: str = "0s",
    ) -> None:
        self.directory = directory.resolve()
        self.on_event: Callable[[Event], None] = on_event or (lambda _: None)
        base = os.environ if environment is None else environment
        self.environment = toolchain.environment(base) | {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
        self._state_options = (f"-lock-timeout={lock_timeout}", f"-parallelism={parallelism}")
        self._child: ChildProcess | None = None

    def init(self, *options: str) -> None:
        """Fetch providers and set up the state; safe to repeat."""
        with _provider_cache_lock():
            self._run("init", "-json", "-no-color", *options)

    def plan(self, file: str = "tap.tfplan", *, destroy: bool = False) -> Plan:
        """Compare with what exists; the plan is saved as `file` in the directory."""
        return self._plan(file, *(["-destroy"] if destroy else []))

    def refresh_plan(self, file: str = "refresh.tfplan") -> Plan:
        """Compare the state with what exists, and nothing else: the changes are drift, made outside of Terraform."""
        return self._plan(file, "-refresh-only")

    def apply(self, plan: Plan | None = None) -> ChangeSummary:
        """Make it so: exactly `plan` when one is given. What was changed."""
        if plan is None:
            return self._apply("-auto-approve")
        self.on_event(plan.summary)
        return self._apply(str(plan.file))

    def apply_refresh(self) -> ChangeSummary:
        """Take what exists into the state, and change nothing else."""
        return self._apply("-refresh-only", "-auto-approve")

    def destroy(self) -> ChangeSummary:
        """Remove everything that the state knows. What was removed."""
        return self._apply("-destroy", "-auto-approve")

    def force_unlock(self, lock_id: str) -> None:
        """Release the lock of the state, if it is that one."""
        self._run("force-unlock", "-force", "-no-color", "--", lock_id)

    def untaint(self, address: str) -> None:
        """Take the taint from a resource, so that it is not replaced."""
        self._run("untaint", "-no-color", self._state_options[0], "--", address)

    def output(self) -> dict[str, Any]:
        """The outputs by name, sensitive ones too."""
        answer = self._read_json("output", "-json")
        return {name: value["value"] for name, value in answer.items()}

    def plan_json(self, plan: Plan) -> dict[str, Any]:
        """A saved plan in Terraform's JSON (https://developer.hashicorp.com/terraform/internals/json-format)."""
        return self._read_json("show", "-json", str(plan.file))

    def state_json(self) -> dict[str, Any]:
        """The state in Terraform's JSON."""
        return self._read_json("show", "-json")

    def interrupt(self) -> None:
        """Stop the run that goes on in another thread; called again, kill it."""
        if self._child is not None:
            self._child.interrupt()

    def _plan(self, file: str, *options: str) -> Plan:
        events: list[Event] = []
        code = self._run(
            "plan", "-json", "-detailed-exitcode", f"-out={file}", *self._state_options, *options, events=events
        )
        return Plan(
            file=self.directory / file,
            empty=code == _NO_CHANGE,
            changes=tuple(event for event in events if isinstance(event, PlannedChange)),
            summary=_summary(events, "plan"),
        )

    def _apply(self, *options: str) -> ChangeSummary:
        events: list[Event] = []
        self._run("apply", "-json", *self._state_options, *options, events=events)
        return _summary(events, "apply")

    def _run(self, command: str, *options: str, events: list[Event] | None = None) -> int:
        diagnostics: list[Diagnostic] = []
        output: list[str] = []

        def on_line(line: str) -> None:
            event = parse_event(line)
            output.append(line)
            del output[:-20]
            if isinstance(event, Diagnostic):
                diagnostics.append(event)
            if events is not None:
                events.append(event)
            self.on_event(event)

        code = self._start(command, options).run(on_line)
        self._raise_if_interrupted(command, diagnostics)
        if code not in (_NO_CHANGE, _CHANGES) or (code == _CHANGES and "-detailed-exitcode" not in options):
            raise error_for(command, diagnostics or [Diagnostic("error", f"exit code {code}", "".join(output))])
        return code

    def _read_json(self, command: str, *options: str) -> dict[str, Any]:
        lines: list[str] = []
        with tempfile.TemporaryFile("w+") as errors:
            code = self._start(command, options).run(lines.append, stderr=errors)
            errors.seek(0)
            text = errors.read().strip()
        self._raise_if_interrupted(command, [])
        if code:
            raise TerraformError(command, [Diagnostic("error", f"exit code {code}", text)])
        return cast(dict[str, Any], json.loads("".join(lines)))

    def _start(self, command: str, options: tuple[str, ...]) -> ChildProcess:
        program = self.environment["TERRAFORM_BINARY_NAME"]
        self._child = ChildProcess([program, command, *options], directory=self.directory, environment=self.environment)
        return self._child

    def _raise_if_interrupted(self, command: str, diagnostics: list[Diagnostic]) -> None:
        child = self._child
        if child is not None and child.signal_number is not None:
            raise TerraformInterruptedError(command, diagnostics, child.signal_number, killed=child.killed)


def _summary(events: list[Event], operation: str) -> ChangeSummary:
    found = [event for event in events if isinstance(event, ChangeSummary) and event.operation == operation]
    return found[-1] if found else ChangeSummary(operation)


@contextmanager
def _provider_cache_lock() -> Iterator[None]:
    """One init at a time: Terraform's provider cache does not bear two writers."""
    file = toolchain.ROOT / ".build/terraform-plugins.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
