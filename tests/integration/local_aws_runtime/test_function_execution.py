"""A deployed package is what runs, as Lambda would run it."""

import base64
import os
from typing import Any

import pytest
from botocore.exceptions import ClientError

DESCRIBE = """
    import importlib.util, os, sys
    import words

    def handler(event, context):
        return {
            "event": event,
            "word": words.WORD,
            "pid": os.getpid(),
            "environment": dict(os.environ),
            "importable": [name for name in event.get("names", []) if importlib.util.find_spec(name)],
            "context": [context.function_name, context.function_version, context.invoked_function_arn],
            "memory": context.memory_limit_in_mb,
            "remaining": context.get_remaining_time_in_millis(),
        }
"""
FAIL = """
    import os, sys, time

    def handler(event, context):
        print("about to", event["how"], flush=True)
        if event["how"] == "raise":
            raise ValueError("no good")
        if event["how"] == "exit":
            os._exit(3)
        if event["how"] == "sleep":
            time.sleep(30)
        return "ok"
"""
OWN_VARIABLES = {
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT", "LANG", "LC_CTYPE", "PATH", "PYTHONPATH", "SSL_CERT_FILE", "TMPDIR", "TZ",
}  # fmt: skip


@pytest.fixture(scope="module")
def described(cloud: Any) -> Any:
    variables = {"TABLE": "sessions", "AWS_LAMBDA_FUNCTION_NAME": "another"}
    function = cloud.function(
        DESCRIBE, files={"words": "WORD = 'mine'"}, Environment={"Variables": variables}, MemorySize=256, Timeout=7
    )
    names = ["boto3", "moto", "pydantic", "awslambdaric", "local_aws"]
    return {"function": function, **function.invoke({"names": names})}


def test_the_package_runs_in_a_process_of_its_own(cloud: Any, described: Any) -> None:
    assert described["Payload"]["word"] == "mine"
    assert described["Payload"]["pid"] not in (os.getpid(), cloud.aws.pid)
    assert described["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in described


def test_the_environment_is_what_was_deployed_and_what_lambda_sets(cloud: Any, described: Any) -> None:
    environment = described["Payload"]["environment"]
    assert set(environment) - {"TABLE"} <= OWN_VARIABLES
    assert environment["TABLE"] == "sessions"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == described["function"].name
    assert environment["AWS_ENDPOINT_URL"] == cloud.aws.endpoint_url
    assert environment["AWS_REGION"] == "eu-central-1"


def test_nothing_that_is_installed_here_can_be_imported_but_the_runtime_client(described: Any) -> None:
    assert described["Payload"]["importable"] == ["awslambdaric"]


def test_the_context_tells_of_the_deployment(described: Any) -> None:
    function = described["function"]
    assert described["Payload"]["context"] == [function.name, "$LATEST", function.arn]
    assert described["Payload"]["memory"] == "256"
    assert 5000 < described["Payload"]["remaining"] <= 7000


def test_a_warm_process_is_reused(described: Any) -> None:
    assert described["function"].invoke()["Payload"]["pid"] == described["Payload"]["pid"]


def test_an_exception_is_the_answer_and_the_process_goes_on(cloud: Any) -> None:
    function = cloud.function(FAIL)
    answer = function.invoke({"how": "raise"})
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert answer["Payload"]["errorType"] == "ValueError"
    assert answer["Payload"]["errorMessage"] == "no good"
    assert function.invoke({"how": "nothing"})["Payload"] == "ok"


def test_a_function_that_exits_is_reported_and_started_again(cloud: Any) -> None:
    function = cloud.function(FAIL)
    answer = function.invoke({"how": "exit"})
    assert answer["Payload"]["errorType"] == "Runtime.ExitError"
    assert "exit status 3" in answer["Payload"]["errorMessage"]
    assert function.invoke({"how": "nothing"})["Payload"] == "ok"


def test_a_function_is_ended_at_its_timeout(cloud: Any) -> None:
    function = cloud.function(FAIL, Timeout=1)
    answer = function.invoke({"how": "sleep"})
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert any("Task timed out after 1.00 seconds" in line for line in function.log())
    assert function.invoke({"how": "nothing"})["Payload"] == "ok"


def test_a_package_that_cannot_be_imported_says_why(cloud: Any) -> None:
    answer = cloud.function("import nowhere\n\ndef handler(event, context): pass").invoke()
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorType"] == "Runtime.ImportModuleError"
    assert "No module named 'nowhere'" in answer["Payload"]["errorMessage"]


def test_the_log_holds_the_functions_lines_between_lambdas_own(cloud: Any) -> None:
    function = cloud.function(FAIL)
    answer = function.invoke({"how": "nothing"}, LogType="Tail")
    log = function.log()
    assert log[0].startswith("START RequestId: ")
    assert log[0].endswith("Version: $LATEST")
    assert log[1] == "about to nothing"
    assert log[-2].startswith("END RequestId: ")
    assert log[-1].startswith("REPORT RequestId: ")
    assert "Init Duration" in log[-1]
    assert base64.b64decode(answer["LogResult"]).decode().splitlines() == log


def test_a_logging_configuration_sets_group_and_format(cloud: Any) -> None:
    group = "/somewhere/else"
    function = cloud.function(FAIL, LoggingConfig={"LogGroup": group, "LogFormat": "JSON"})
    function.invoke({"how": "nothing"})
    events = cloud.client("logs").filter_log_events(logGroupName=group)["events"]
    assert '"type": "platform.start"' in events[0]["message"]
    assert function.name in events[0]["logStreamName"]
    assert function.log() == []


def test_without_permission_to_write_logs_there_are_none(cloud: Any) -> None:
    function = cloud.function(FAIL, Role=cloud.role("sqs:SendMessage"))
    assert function.invoke({"how": "nothing"})["Payload"] == "ok"
    assert function.log() == []


def test_an_invocation_can_be_tried_dry(cloud: Any) -> None:
    assert cloud.function(FAIL).invoke({"how": "exit"}, InvocationType="DryRun")["StatusCode"] == 204


@pytest.mark.parametrize(
    ("kind", "size", "code"),
    [
        ("RequestResponse", 6 * 1024 * 1024, "RequestTooLargeException"),
        ("Event", 256 * 1024, "RequestTooLargeException"),
    ],
)
def test_a_payload_over_the_limit_is_refused(cloud: Any, kind: str, size: int, code: str) -> None:
    with pytest.raises(ClientError) as refusal:
        cloud.function(FAIL).invoke("x" * size, InvocationType=kind)
    assert refusal.value.response["Error"]["Code"] == code
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_what_the_local_aws_cannot_run_is_refused(cloud: Any) -> None:
    with pytest.raises(ClientError, match=r"has runtime nodejs20\.x"):
        cloud.function(FAIL, Runtime="nodejs20.x").invoke()


def test_a_function_that_does_not_exist_is_not_found(cloud: Any) -> None:
    with pytest.raises(ClientError) as refusal:
        cloud.client("lambda").invoke(FunctionName="nobody")
    assert refusal.value.response["Error"]["Code"] == "ResourceNotFoundException"
