"""The server process: starting, stopping, errors."""

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws, LocalAwsError
from tests.integration.local_aws.conftest import Cloud, open_directly

WAIT_SECONDS = 10


def _ends(pid: int) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def _command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "local_aws", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_starts_in_seconds_and_ends_with_its_block(tmp_path: Path) -> None:
    before = time.monotonic()
    with LocalAws.started(tmp_path) as aws:
        # Two or three where nothing else runs.
        assert time.monotonic() - before < 3 * WAIT_SECONDS
        assert aws.leftovers() == {}
    assert _ends(aws.pid)
    assert not (tmp_path / "server.json").exists()


def test_ends_when_its_block_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), LocalAws.started(tmp_path) as aws:
        raise KeyboardInterrupt
    assert _ends(aws.pid)


def test_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = f"""
        import time
        from pathlib import Path
        from local_aws.server import LocalAws
        with LocalAws.started(Path({str(tmp_path)!r})) as aws:
            print(aws.pid, flush=True)
            time.sleep(60)
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert _ends(pid)


def test_command_line_starts_shows_and_stops(tmp_path: Path) -> None:
    directory = ["--directory", str(tmp_path / "aws")]
    started = _command("start", *directory)
    assert started.returncode == 0, started.stderr
    running = LocalAws.running(tmp_path / "aws")
    assert running
    try:
        assert f"export AWS_ENDPOINT_URL={running.endpoint_url}" in started.stdout
        assert running.endpoint_url in _command("status", *directory).stdout
        Cloud(running.endpoint_url).sqs.create_queue(QueueName="left")
        left = _command("leftovers", *directory)
        assert (left.returncode, left.stdout) == (1, "us-east-1/sqs/queues left\n")
    finally:
        assert _command("stop", *directory).returncode == 0
    assert _ends(running.pid)
    status = _command("status", *directory)
    assert status.returncode == 1
    assert "python -m local_aws start" in status.stderr


def test_second_start_finds_the_first(tmp_path: Path) -> None:
    first = LocalAws.start(tmp_path)
    try:
        assert LocalAws.start(tmp_path) == first
    finally:
        first.stop()


def test_server_that_cannot_start_says_where_its_log_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(LocalAwsError, match=r"server\.log"), LocalAws.started(tmp_path):
        pytest.fail("it started")


def test_environment_names_no_other_endpoint(aws: LocalAws) -> None:
    assert aws.environment()["AWS_ENDPOINT_URL"] == aws.endpoint_url
    assert aws.endpoint_url.startswith("http://127.0.0.1:")


def test_reset_empties_it(aws: LocalAws) -> None:
    Cloud(aws.endpoint_url).sqs.create_queue(QueueName="queue")
    aws.reset()
    assert aws.leftovers() == {}


def _delete_dashboard(aws: LocalAws, invocation: str, attempt: int) -> int:
    """The status of an attempt to delete a dashboard."""
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/monitoring/aws4_request, Signature=0",
        "amz-sdk-invocation-id": invocation,
        "amz-sdk-request": f"attempt={attempt}; max=3",
    }
    body = b"Action=DeleteDashboards&Version=2010-08-01&DashboardNames.member.1=payments"
    try:
        with open_directly(Request(aws.endpoint_url, body, headers)) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_call_whose_answer_was_lost_is_answered_again_and_not_done_twice(ours: Cloud, aws: LocalAws) -> None:
    ours.cloudwatch.put_dashboard(DashboardName="payments", DashboardBody="{}")
    assert [_delete_dashboard(aws, "first", attempt) for attempt in (1, 2, 3)] == [200, 200, 200]
    assert _delete_dashboard(aws, "second", 1) == 404
    ours.cloudwatch.put_dashboard(DashboardName="payments", DashboardBody="{}")
    assert _delete_dashboard(aws, "second", 2) == 200, "what was refused is tried again"


MISSING: dict[str, Callable[[Cloud], Any]] = {
    "json": lambda cloud: cloud.dynamodb.describe_contributor_insights(TableName="sessions"),
    "rest-json": lambda cloud: cloud.lambda_.get_provisioned_concurrency_config(FunctionName="f", Qualifier="1"),
    "query": lambda cloud: cloud.rds.describe_source_regions(),
    "ec2": lambda cloud: cloud.ec2.describe_verified_access_groups(),
    "rest-xml": lambda cloud: cloud.route53.get_geo_location(CountryCode="CH"),
}


@pytest.mark.parametrize("call", MISSING.values(), ids=MISSING)
def test_missing_operation_is_a_definite_error_in_each_protocol(ours: Cloud, call: Callable[[Cloud], Any]) -> None:
    with pytest.raises(ClientError, match="The local AWS does not have") as caught:
        call(ours)
    assert caught.value.response["Error"]["Code"] == "LocalAwsNotImplemented"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_fault_inside_moto_is_a_definite_error_and_is_logged(ours: Cloud, aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="sqs:CreateQueue") as caught:
        ours.sqs.create_queue(QueueName="queue", Attributes={"VisibilityTimeout": "not a number"})
    assert caught.value.response["Error"]["Code"] == "LocalAwsFault"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "Traceback" in (aws.directory / "server.log").read_text()


def test_server_listens_on_loopback_only(aws: LocalAws) -> None:
    fields = [line.split() for line in Path(f"/proc/{aws.pid}/net/tcp").read_text().splitlines()[1:]]
    port, listening = f":{aws.port:04X}", "0A"
    assert {field[1] for field in fields if field[3] == listening and field[1].endswith(port)} == {f"0100007F{port}"}
