import io

import pytest
from rich.console import Console

from tap import progress
from tap.progress import RunProgress
from tap.terraform_events import ChangeSummary, Diagnostic, Event, Log, Operation, Phase


def shown(*events: Event, terminal: bool = False, fail: bool = False) -> str:
    """What a run with these events prints."""
    output = io.StringIO()
    console = Console(file=output, force_terminal=terminal, width=120)
    try:
        with RunProgress("Deploy", console) as run:
            for event in events:
                run(event)
            if fail:
                raise RuntimeError
    except RuntimeError:
        pass
    return output.getvalue()


def apply(phase: Phase, address: str, action: str = "create", elapsed: float = 0.0) -> Operation:
    return Operation("apply", phase, address, action, elapsed)


def test_without_a_terminal_each_finished_operation_is_a_plain_line() -> None:
    text = shown(
        ChangeSummary("plan", add=2),
        apply("start", "aws_vpc.main"),
        apply("complete", "aws_vpc.main", elapsed=3),
        apply("start", "aws_subnet.a"),
        apply("complete", "aws_subnet.a", elapsed=12),
    )
    assert text.splitlines() == [
        "Deploy: started",
        "[1/2] created aws_vpc.main (3 s)",
        "[2/2] created aws_subnet.a (12 s)",
        "Deploy: done, 2 changes made in 0 s",
    ]


def test_a_plan_ends_with_what_it_planned() -> None:
    assert "3 changes planned" in shown(ChangeSummary("plan", add=1, change=1, remove=1))


def test_an_empty_plan_tells_how_much_was_read() -> None:
    read = Operation("refresh", "complete", "aws_vpc.main")
    assert "1 resources read, nothing changed" in shown(read, ChangeSummary("plan"))


def test_errors_are_shown_at_once_with_their_resource_and_the_run_is_not_called_done() -> None:
    text = shown(
        apply("start", "aws_vpc.main"),
        apply("errored", "aws_vpc.main"),
        Diagnostic("error", "creating VPC: [limit] reached", "", "aws_vpc.main"),
        fail=True,
    )
    assert "error: creating VPC: [limit] reached [aws_vpc.main]" in text
    assert "Deploy: stopped" in text


def test_an_interruption_is_announced() -> None:
    assert "Interrupt received." in shown(Log("Interrupt received.\nPlease wait", "info"))


def test_a_long_operation_gives_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_QUIET_SECONDS", -1)
    text = shown(
        ChangeSummary("plan", add=4),
        apply("progress", "aws_rds_cluster.main", elapsed=40),
        apply("progress", "aws_nat_gateway.a", "delete", elapsed=20),
        apply("start", "aws_vpc.x", "update"),
    )
    assert "creating aws_rds_cluster.main 40 s, removing aws_nat_gateway.a 20 s and 1 more" in text


def test_a_terminal_gets_a_bar_and_no_line_per_operation() -> None:
    text = shown(
        ChangeSummary("plan", add=1),
        apply("start", "aws_vpc.main"),
        apply("complete", "aws_vpc.main", elapsed=3),
        terminal=True,
    )
    assert "1/1" in text
    assert "created aws_vpc.main" not in text
