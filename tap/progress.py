"""Shows a Terraform run while it goes on: a live bar on a terminal, a line per finished operation elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tap.terraform_events import ChangeSummary, Diagnostic, Event, Log, Operation

_VERBS = {"create": "creating", "update": "changing", "delete": "removing", "read": "reading"}
_PARTICIPLES = {"create": "created", "update": "changed", "delete": "removed", "read": "read"}
_SHOWN_AT_ONCE = 2
_QUIET_SECONDS = 30


class RunProgress:
    """A context manager to give to Terraform as `on_event`; `title` says what the run is, such as `Deploy`."""

    def __init__(self, title: str, console: Console | None = None) -> None:
        self.title = title
        self.console = console or Console()
        self.done = 0
        self.reads = 0
        self.total: int | None = None
        self._started = time.monotonic()
        self._last_line = self._started
        self._active: dict[str, Operation] = {}
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[current]}"),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self._task = self._bar.add_task(escape(title), total=None, current="starting")

    def __enter__(self) -> Self:
        self._started = self._last_line = time.monotonic()
        self._bar.start()
        self._line(f"{self.title}: started", always=not self.console.is_terminal)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bar.stop()
        outcome = "done" if kind is None else "stopped"
        self._line(f"{self.title}: {outcome}, {self._result()} in {self.elapsed:.0f} s", always=True)

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    def __call__(self, event: Event) -> None:
        match event:
            case ChangeSummary(operation="plan"):
                self.total = event.total
            case Operation(kind="apply", action="create" | "update" | "delete"):
                self._apply(event)
            case Operation(phase="complete"):
                self.reads += 1
            case Diagnostic():
                at = f" [{event.address}]" if event.address else ""
                self._line(f"{event.severity}: {event.summary}{at}", always=True)
            case Log(message=message) if "nterrupt" in message:
                self._line(message.strip(), always=True)
        self._show()

    def _apply(self, event: Operation) -> None:
        if event.phase in ("start", "progress"):
            self._active[event.address] = event
            if time.monotonic() - self._last_line > _QUIET_SECONDS:
                self._line(f"{self._count()} {self.current()}")
            return
        self._active.pop(event.address, None)
        if event.phase == "complete":
            self.done += 1
            verb = _PARTICIPLES.get(event.action, event.action)
            self._line(f"{self._count()} {verb} {event.address} ({event.elapsed:.0f} s)")

    def current(self) -> str:
        """What Terraform is at work on now, longest first."""
        active = sorted(self._active.values(), key=lambda operation: -operation.elapsed)
        shown = [
            f"{_VERBS.get(operation.action, operation.action)} {operation.address} {operation.elapsed:.0f} s"
            for operation in active[:_SHOWN_AT_ONCE]
        ]
        more = len(active) - len(shown)
        return ", ".join(shown) + (f" and {more} more" if more > 0 else "")

    def _result(self) -> str:
        if self.done:
            return f"{self.done} changes made"
        if self.total:
            return f"{self.total} changes planned"
        return f"{self.reads} resources read, nothing changed"

    def _count(self) -> str:
        return f"[{self.done}/{self.total}]" if self.total is not None else f"[{self.done}]"

    def _show(self) -> None:
        reading = f"{self.reads} read" if not self.done else ""
        current = escape(self.current()) or reading
        self._bar.update(self._task, completed=self.done, total=self.total, current=current)

    def _line(self, text: str, *, always: bool = False) -> None:
        if always or not self.console.is_terminal:
            self._last_line = time.monotonic()
            self.console.print(text, markup=False, highlight=False, soft_wrap=True)
