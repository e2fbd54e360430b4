"""Traces: a subsegment around the ledger where Lambda chose to trace the invocation, and nothing elsewhere."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import aws_xray_sdk.core as xray  # type: ignore[import-untyped]
import pytest
from aws_lambda_powertools.tracing import Tracer
from aws_xray_sdk import global_sdk_config

from payments import observability
from payments.observability import traced

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled={}"


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What listens where Lambda has the X-Ray daemon."""
    enabled = global_sdk_config.sdk_enabled()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(5)
        monkeypatch.setenv("LAMBDA_TASK_ROOT", "/var/task")
        address = f"127.0.0.1:{daemon.getsockname()[1]}"
        xray.xray_recorder.configure(context=xray.lambda_launcher.LambdaContext(), daemon_address=address)
        global_sdk_config.set_sdk_enabled(True)
        observability._tracer.cache_clear()
        yield daemon
        xray.xray_recorder.configure(context=xray.context.Context(), daemon_address="127.0.0.1:2000")
        observability._tracer.cache_clear()
        Tracer._reset_config()  # type: ignore[no-untyped-call]
        global_sdk_config.set_sdk_enabled(enabled)


def received(daemon: socket.socket) -> Any:
    header, _, document = daemon.recv(65536).decode().partition("\n")
    assert json.loads(header) == {"format": "json", "version": 1}
    return json.loads(document)


def test_traced_invocation_tells_how_long_the_ledger_took(
    daemon: socket.socket, post: Any, deployment: Any, payment: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE.format(1))
    assert post(payment).status == 200
    subsegment = received(daemon)
    assert (subsegment["name"], subsegment["type"]) == ("ledger", "subsegment")
    assert subsegment["trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"
    assert subsegment["parent_id"] == "53995c3f42cd8ad8"
    assert subsegment["end_time"] >= subsegment["start_time"]
    assert deployment.items()


@pytest.mark.parametrize("header", ["", TRACE.format(0)])
def test_other_invocations_do_not_load_the_tracer(
    daemon: socket.socket, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", header)
    with traced("ledger"):
        pass
    assert observability._tracer.cache_info().currsize == 0
    daemon.settimeout(0.05)
    with pytest.raises(TimeoutError):
        daemon.recv(65536)


@pytest.mark.usefixtures("daemon")
def test_fault_passes_through_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE.format(1))
    with pytest.raises(ValueError, match="a fault"), traced("ledger"):
        raise ValueError("a fault")
