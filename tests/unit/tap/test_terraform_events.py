import json
from typing import Any

import pytest

from tap.terraform_events import ChangeSummary, Diagnostic, Event, Log, Operation, PlannedChange, parse_event

VPC = {"addr": "aws_vpc.main", "resource_type": "aws_vpc", "resource_name": "main"}


@pytest.mark.parametrize(
    ("record", "event"),
    [
        (
            {"type": "planned_change", "change": {"resource": VPC, "action": "replace", "reason": "tainted"}},
            PlannedChange("aws_vpc.main", "aws_vpc", "replace", "tainted"),
        ),
        (
            {
                "type": "change_summary",
                "changes": {"add": 3, "change": 2, "import": 0, "remove": 1, "operation": "plan"},
            },
            ChangeSummary("plan", add=3, change=2, remove=1),
        ),
        (
            {"type": "apply_start", "hook": {"resource": VPC, "action": "create"}},
            Operation("apply", "start", "aws_vpc.main", "create"),
        ),
        (
            {"type": "apply_progress", "hook": {"resource": VPC, "action": "delete", "elapsed_seconds": 10}},
            Operation("apply", "progress", "aws_vpc.main", "delete", 10.0),
        ),
        (
            {"type": "apply_errored", "hook": {"resource": VPC, "action": "create", "elapsed_seconds": 1}},
            Operation("apply", "errored", "aws_vpc.main", "create", 1.0),
        ),
        (
            {"type": "refresh_complete", "hook": {"resource": VPC, "id_value": "vpc-1"}},
            Operation("refresh", "complete", "aws_vpc.main"),
        ),
        (
            {"type": "ephemeral_op_start", "hook": {"resource": VPC, "action": "open"}},
            Operation("ephemeral_op", "start", "aws_vpc.main", "open"),
        ),
        (
            {
                "type": "diagnostic",
                "diagnostic": {"severity": "error", "summary": "No", "detail": "", "address": "a.b"},
            },
            Diagnostic("error", "No", "", "a.b"),
        ),
        ({"type": "version", "@message": "Terraform 1.11.4", "@level": "info"}, Log("Terraform 1.11.4")),
        ({"type": "something_new", "@message": "hm", "@level": "warn"}, Log("hm", "warn")),
    ],
)
def test_a_line_becomes_the_event_it_reports(record: dict[str, Any], event: Event) -> None:
    assert parse_event(json.dumps(record)) == event


@pytest.mark.parametrize("line", ["panic: out of luck\n", "[1, 2]\n", "\n"])
def test_a_line_that_is_no_event_is_kept_as_a_log_line(line: str) -> None:
    assert parse_event(line) == Log(line.rstrip())


def test_a_replaced_resource_counts_as_two_operations() -> None:
    assert ChangeSummary("plan", add=1, change=1, remove=1).total == 3
