"""Which process runs what: versions, concurrency, changes, endings."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws

ANSWER = """
    import os, time

    def handler(event, context):
        time.sleep(event.get("sleep", 0))
        return {{
            "pid": os.getpid(),
            "says": "{says}",
            "arn": context.invoked_function_arn,
            "set": os.getenv("SET"),
            "temporary": os.getenv("TMPDIR"),
        }}
"""


def source(says: str = "hello") -> str:
    return ANSWER.format(says=says)


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc").exists() else True


def test_an_alias_runs_the_version_it_points_to(cloud: Any, repackaged: Callable[[str], bytes]) -> None:
    function = cloud.function(source("first"), Publish=True)
    client = cloud.client("lambda")
    client.create_alias(FunctionName=function.name, Name="live", FunctionVersion="1")
    client.update_function_code(FunctionName=function.name, ZipFile=repackaged(source("second")))
    live = function.invoke(Qualifier="live")
    assert (live["Payload"]["says"], live["ExecutedVersion"]) == ("first", "1")
    assert live["Payload"]["arn"] == f"{function.arn}:live"
    assert function.invoke()["Payload"]["says"] == "second"
    assert function.invoke(Qualifier="1")["Payload"]["says"] == "first"


def test_new_code_and_configuration_take_effect_and_end_the_old_process(
    cloud: Any, repackaged: Callable[[str], bytes], until: Any
) -> None:
    function = cloud.function(source("old"))
    client = cloud.client("lambda")
    old = function.invoke()["Payload"]
    client.update_function_code(FunctionName=function.name, ZipFile=repackaged(source("new")))
    new = function.invoke()["Payload"]
    client.update_function_configuration(FunctionName=function.name, Environment={"Variables": {"SET": "yes"}})
    assert function.invoke()["Payload"]["set"] == "yes"
    assert (old["says"], new["says"]) == ("old", "new")
    assert until(lambda: not runs(old["pid"]) and not runs(new["pid"]))


def test_deleting_a_function_ends_its_process(cloud: Any, until: Any) -> None:
    function = cloud.function(source())
    pid = function.invoke()["Payload"]["pid"]
    assert runs(pid)
    cloud.client("lambda").delete_function(FunctionName=function.name)
    assert until(lambda: not runs(pid), 5)


def test_invocations_at_the_same_time_have_a_process_each(cloud: Any) -> None:
    function = cloud.function(source())
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: function.invoke({"sleep": 1}), range(3)))
    assert len({answer["Payload"]["pid"] for answer in answers}) == 3


def test_reserved_concurrency_is_a_limit_over_all_versions(cloud: Any) -> None:
    function = cloud.function(source(), Publish=True)
    cloud.client("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=1)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(function.invoke, {"sleep": 2})
        time.sleep(1)
        with pytest.raises(ClientError) as refusal:
            function.invoke(Qualifier="1")
        assert running.result()["Payload"]["says"] == "hello"
    assert refusal.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert function.invoke()["Payload"]["says"] == "hello"


def test_a_reset_ends_all_processes_and_functions_can_be_deployed_again(
    tmp_path: Path, connected: Any, until: Any
) -> None:
    with LocalAws.started(tmp_path) as aws:
        pid = connected(aws).function(source("before")).invoke()["Payload"]["pid"]
        aws.reset()
        assert until(lambda: not runs(pid), 5)
        assert connected(aws).function(source("after")).invoke()["Payload"]["says"] == "after"


def test_all_processes_and_files_end_with_the_local_aws(tmp_path: Path, connected: Any, until: Any) -> None:
    with LocalAws.started(tmp_path) as aws:
        answer = connected(aws).function(source()).invoke()["Payload"]
        assert runs(answer["pid"])
        assert Path(answer["temporary"]).exists()
    assert until(lambda: not runs(answer["pid"]), 5)
    assert not Path(answer["temporary"]).exists()


def test_a_process_ends_with_a_local_aws_that_is_killed_and_the_next_one_removes_its_files(
    tmp_path: Path, connected: Any, until: Any
) -> None:
    with LocalAws.started(tmp_path) as aws:
        answer = connected(aws).function(source()).invoke()["Payload"]
        os.kill(aws.pid, signal.SIGKILL)
        assert until(lambda: not runs(answer["pid"]), 5)
    with LocalAws.started(tmp_path):
        assert not Path(answer["temporary"]).exists()
