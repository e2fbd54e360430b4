"""Segments of X-Ray: for requests that were sampled, where there is a daemon, and nothing elsewhere."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import aws_xray_sdk.core as xray  # type: ignore[import-untyped]
import pytest
from aws_xray_sdk import global_sdk_config

from lib.container.payment_service import tracing
from lib.container.payment_service.tracing import trace_root, traced_request

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
SAMPLED = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"


@pytest.fixture
def daemon(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What listens where a task has the X-Ray daemon."""
    assert "AWS_XRAY_DAEMON_ADDRESS" not in variables
    enabled = global_sdk_config.sdk_enabled()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(5)
        address = f"127.0.0.1:{daemon.getsockname()[1]}"
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", address)
        xray.xray_recorder.configure(context=xray.context.Context(), daemon_address=address)
        global_sdk_config.set_sdk_enabled(True)
        tracing._recorder.cache_clear()
        yield daemon
        xray.xray_recorder.configure(daemon_address="127.0.0.1:2000")
        tracing._recorder.cache_clear()
        global_sdk_config.set_sdk_enabled(enabled)


def received(daemon: socket.socket) -> Any:
    header, _, document = daemon.recv(65536).decode().partition("\n")
    assert json.loads(header) == {"format": "json", "version": 1}
    return json.loads(document)


def test_sampled_request_is_a_segment_of_the_callers_trace(daemon: socket.socket, call: Callable[..., Any]) -> None:
    assert call("GET", "/payments/unknown", headers={"x-amzn-trace-id": SAMPLED}).status == 404
    segment = received(daemon)
    assert (segment["name"], segment["trace_id"]) == ("payment-service", ROOT)
    assert segment["parent_id"] == "53995c3f42cd8ad8"
    assert segment["end_time"] >= segment["start_time"]


def test_fault_is_seen_in_the_trace_and_passes_through(daemon: socket.socket) -> None:
    with pytest.raises(ValueError, match="a fault"), traced_request(SAMPLED, name="test"):
        raise ValueError("a fault")
    assert received(daemon)["fault"] is True


@pytest.mark.parametrize("header", ["", f"Root={ROOT}", f"Root={ROOT};Sampled=0"])
def test_other_requests_do_not_load_the_sdk(daemon: socket.socket, header: str) -> None:
    with traced_request(header, name="test"):
        pass
    assert tracing._recorder.cache_info().currsize == 0
    daemon.settimeout(0.05)
    with pytest.raises(TimeoutError):
        daemon.recv(65536)


def test_without_a_daemon_nothing_is_traced(daemon: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_XRAY_DAEMON_ADDRESS")
    with traced_request(SAMPLED, name="test"):
        pass
    daemon.settimeout(0.05)
    with pytest.raises(TimeoutError):
        daemon.recv(65536)


@pytest.mark.parametrize(("header", "root"), [("", ""), ("Self=1;Root=1-2-3", "1-2-3"), (SAMPLED, ROOT)])
def test_trace_has_an_id(header: str, root: str) -> None:
    assert trace_root(header) == root
