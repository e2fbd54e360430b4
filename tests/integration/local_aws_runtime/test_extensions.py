"""A function's own process can go on working after its answer, as an internal extension."""

import os
import signal
import time
from typing import Any

EXTENSION = """
    import json, os, threading, time
    from http.client import HTTPConnection

    def call(method, path, headers, body=None):
        connection = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        connection.request(method, "/2020-01-01/extension" + path, body, headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()

    status, headers, answer = call("POST", "/register", {"Lambda-Extension-Name": "worker"}, '{"events": ["INVOKE"]}')
    assert status == 200, (status, answer)
    about = json.loads(answer)
    identity = {"Lambda-Extension-Identifier": headers["Lambda-Extension-Identifier"]}
    answered = threading.Event()
    events, delay = [], [0.0]

    def work():
        while True:
            _, _, event = call("GET", "/event/next", identity)
            events.append(json.loads(event))
            answered.wait()
            answered.clear()
            time.sleep(delay[0])
            print("worked", flush=True)

    threading.Thread(target=work, daemon=True).start()

    def handler(event, context):
        delay[0] = event.get("delay", 0)
        refused = None
        if "register" in event:
            refused = call("POST", "/register", {"Lambda-Extension-Name": "late"}, '{"events": ["INVOKE"]}')[0]
        while not any(event["requestId"] == context.aws_request_id for event in events):
            time.sleep(0.001)
        seen = events[-1]
        threading.Timer(0.01, answered.set).start()
        deadline = context.get_remaining_time_in_millis() / 1000 + time.time()
        return {
            "pid": os.getpid(), "about": about, "event": seen, "id": context.aws_request_id,
            "refused": refused, "deadline": deadline, "tracing": os.environ.get("_X_AMZN_TRACE_ID"),
        }
"""


def test_the_answer_does_not_wait_for_the_extension_but_the_next_invocation_does(cloud: Any, until: Any) -> None:
    function = cloud.function(EXTENSION)
    first = function.invoke()["Payload"]
    assert until(lambda: "worked" in function.log())
    started = time.monotonic()
    slow = function.invoke({"delay": 2})["Payload"]
    assert time.monotonic() - started < 1
    assert slow["pid"] == first["pid"]
    other = function.invoke()["Payload"]
    assert other["pid"] != first["pid"]
    assert until(lambda: function.log().count("worked") == 3)
    assert {function.invoke()["Payload"]["pid"] for _ in range(2)} <= {first["pid"], other["pid"]}


def test_an_extension_is_told_of_each_invocation(cloud: Any) -> None:
    function = cloud.function(EXTENSION, Handler="app.handler")
    answer = function.invoke()["Payload"]
    assert answer["about"] == {"functionName": function.name, "functionVersion": "$LATEST", "handler": "app.handler"}
    event = answer["event"]
    assert (event["eventType"], event["requestId"]) == ("INVOKE", answer["id"])
    assert event["invokedFunctionArn"] == function.arn
    assert abs(event["deadlineMs"] / 1000 - answer["deadline"]) < 0.1
    assert event["tracing"] == {"type": "X-Amzn-Trace-Id", "value": answer["tracing"]}


def test_what_an_extension_writes_is_in_the_log_of_its_invocation(cloud: Any, until: Any) -> None:
    function = cloud.function(EXTENSION)
    answer = function.invoke({"delay": 0.5})["Payload"]
    assert function.log() == []
    lines = until(function.log)
    assert [line.split()[0] for line in lines] == ["START", "worked", "END", "REPORT"]
    assert answer["id"] in lines[3]
    assert float(lines[3].partition("\tDuration: ")[2].split()[0]) >= 500


def test_an_extension_that_works_longer_than_the_timeout_ends_the_process(cloud: Any, until: Any) -> None:
    function = cloud.function(EXTENSION, Timeout=1)
    first = function.invoke({"delay": 30})["Payload"]
    assert until(lambda: any("Task timed out after 1.00 seconds" in line for line in function.log()), 5)
    assert function.invoke()["Payload"]["pid"] != first["pid"]


def test_an_extension_that_is_killed_at_work_is_replaced(cloud: Any, until: Any) -> None:
    function = cloud.function(EXTENSION)
    first = function.invoke({"delay": 30})["Payload"]
    os.kill(first["pid"], signal.SIGKILL)
    assert until(lambda: any("signal: 9" in line for line in function.log()), 5)
    assert function.invoke()["Payload"]["pid"] != first["pid"]


def test_an_extension_registers_during_initialization(cloud: Any) -> None:
    assert cloud.function(EXTENSION).invoke({"register": True})["Payload"]["refused"] == 403


REFUSED = """
    import json, os
    from http.client import HTTPConnection

    def status(method, path, headers, body=None):
        connection = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        connection.request(method, "/2020-01-01/extension" + path, body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())["errorType"]

    answers = [
        status("POST", "/register", {}, '{"events": ["INVOKE"]}'),
        status("POST", "/register", {"Lambda-Extension-Name": "x"}, '{"events": ["SHUTDOWN"]}'),
        status("GET", "/event/next", {}),
        status("GET", "/event/next", {"Lambda-Extension-Identifier": "x"}),
    ]

    def handler(event, context):
        return answers
"""


def test_faults_of_an_extension_are_named(cloud: Any) -> None:
    assert cloud.function(REFUSED).invoke()["Payload"] == [
        [403, "Extension.InvalidExtensionName"],
        [403, "Extension.InvalidEventType"],
        [403, "Extension.MissingExtensionIdentifier"],
        [403, "Extension.UnknownExtensionIdentifier"],
    ]


EXITING = """
    import os, signal, time

    def handler(event, context):
        if event.get("sleep"):
            time.sleep(event["sleep"])
        if event.get("die"):
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()
"""


def test_a_process_that_is_killed_fails_its_caller_and_is_replaced(cloud: Any) -> None:
    function = cloud.function(EXITING)
    first = function.invoke()["Payload"]
    killed = function.invoke({"die": True})
    assert killed["FunctionError"] == "Unhandled"
    assert killed["Payload"]["errorType"] == "Runtime.ExitError"
    assert "signal: 9" in killed["Payload"]["errorMessage"]
    second = function.invoke()["Payload"]
    assert second not in (None, first)


def test_a_process_killed_while_idle_is_replaced_before_anyone_notices(cloud: Any) -> None:
    function = cloud.function(EXITING)
    first = function.invoke()["Payload"]
    os.kill(first, signal.SIGKILL)
    time.sleep(0.2)
    assert function.invoke()["Payload"] != first
