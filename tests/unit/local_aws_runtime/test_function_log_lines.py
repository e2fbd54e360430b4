"""What a function's environment and log look like."""

import json
from datetime import UTC, datetime
from pathlib import Path

from local_aws.functions.environment import Deployment, process_environment
from local_aws.functions.invocation import Invocation, Result, failure
from local_aws.functions.log_lines import of_invocation, stream_name


def deployment(**changes: object) -> Deployment:
    settings: dict[str, object] = {
        "arn": "arn:aws:lambda:eu-central-1:123456789012:function:pay",
        "name": "pay",
        "version": "3",
        "region": "eu-central-1",
        "code_sha256": "x",
        "handler": "app.handler",
        "runtime": "python3.13",
        "memory_size": 1024,
        "timeout": 30,
        "variables": {"TABLE": "sessions", "AWS_REGION": "nowhere"},
        "log_group": "/aws/lambda/pay",
        "log_format": "Text",
        "log_level": "INFO",
    }
    return Deployment(**{**settings, **changes})  # type: ignore[arg-type]


def environment(deployed: Deployment) -> dict[str, str]:
    folders = {"task_root": Path("/task"), "temporary": Path("/tmp/1"), "runtime_client": Path("/runtime")}
    aws = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    return process_environment(deployed, **folders, runtime_api="127.0.0.1:2", log_stream="s", aws=aws)


def test_lambdas_own_variables_win_over_deployed_ones() -> None:
    variables = environment(deployment())
    assert (variables["TABLE"], variables["AWS_REGION"]) == ("sessions", "eu-central-1")
    assert (variables["LAMBDA_TASK_ROOT"], variables["TMPDIR"]) == ("/task", "/tmp/1")
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert "AWS_LAMBDA_LOG_LEVEL" not in variables


def test_a_log_level_belongs_to_the_json_format() -> None:
    assert environment(deployment(log_format="JSON"))["AWS_LAMBDA_LOG_LEVEL"] == "INFO"


def test_a_log_stream_names_the_function_in_a_shared_group() -> None:
    now = datetime(2026, 3, 12, tzinfo=UTC)
    assert stream_name(deployment(), now, "u") == "2026/03/12/[3]u"
    assert stream_name(deployment(log_group="/shared"), now, "u") == "2026/03/12/pay[3]u"


def test_a_log_reports_the_costs_of_an_invocation() -> None:
    invocation = Invocation(b"{}", "arn", 30, request_id="r1")
    lines = of_invocation(deployment(), invocation, Result(b"{}"), "one\n\ntwo\rthree\n", 0.0121, 0.2, 64)
    assert lines == [
        "START RequestId: r1 Version: 3",
        "one",
        "two\rthree",
        "END RequestId: r1",
        "REPORT RequestId: r1\tDuration: 12.10 ms\tBilled Duration: 213 ms\tMemory Size: 1024 MB\t"
        "Max Memory Used: 64 MB\tInit Duration: 200.00 ms",
    ]


def test_a_log_says_what_the_function_could_not_say_itself() -> None:
    invocation = Invocation(b"{}", "arn", 3, request_id="r1")
    result = failure("Sandbox.Timedout", "RequestId: r1 Error: Task timed out after 3.00 seconds")
    lines = of_invocation(deployment(), invocation, result, "", 3, None, None)
    assert lines[1].endswith("Z r1 Task timed out after 3.00 seconds")
    assert "Max Memory" not in lines[-1]


def test_a_json_log_has_platform_events() -> None:
    invocation = Invocation(b"{}", "arn", 30, request_id="r1")
    lines = of_invocation(deployment(log_format="JSON"), invocation, Result(b"{}"), '{"a":1}\n', 0.01, None, 64)
    start, own, report = (json.loads(line) for line in lines)
    assert (start["type"], own, report["type"]) == ("platform.start", {"a": 1}, "platform.report")
    assert report["record"]["metrics"]["durationMs"] == 10
