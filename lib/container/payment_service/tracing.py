"""Segments of X-Ray for the requests that were chosen for it by whoever called."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

TRACE_HEADER = "x-amzn-trace-id"
# Where the X-Ray daemon, or the collector that stands in for it, is told by this variable.
# https://docs.aws.amazon.com/xray/latest/devguide/xray-sdk-python-configuration.html
DAEMON_VARIABLE = "AWS_XRAY_DAEMON_ADDRESS"


def trace_root(header: str) -> str:
    """The trace's id in the header that the load balancer adds, empty where there is none.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
    """
    return _fields(header).get("Root", "")


@contextmanager
def traced_request(header: str, *, name: str) -> Iterator[None]:
    """A segment of the caller's trace, where there is a daemon and the caller sampled the request.

    The SDK takes as long to load as boto3, so that only a process with traces loads it.
    """
    fields = _fields(header)
    if fields.get("Sampled") != "1" or DAEMON_VARIABLE not in os.environ:
        yield
        return
    recorder = _recorder()
    segment = recorder.begin_segment(name, traceid=fields.get("Root"), parent_id=fields.get("Parent"), sampling=1)
    try:
        yield
    except BaseException:
        segment.add_fault_flag()
        raise
    finally:
        recorder.end_segment()


def _fields(header: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: value for name, _, value in pairs}


@cache
def _recorder() -> Any:
    from aws_xray_sdk.core import xray_recorder  # type: ignore[import-untyped]

    return xray_recorder
