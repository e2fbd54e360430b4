"""Versions that AWS has ended, found in the synthesized JSON."""

from __future__ import annotations

from collections.abc import Iterator

from lib.availability import CANARY_RUNTIME_ENDS, ENGINE_LINE_ENDS, LAMBDA_RUNTIME_ENDS, engine_line
from lib.refusals.document import Document, resources
from lib.settings import Settings


def version_faults(document: Document, _: Settings) -> Iterator[str]:
    """Yield one line for each runtime or engine version that can no longer be had."""
    for _type, address, function in resources(document, "aws_lambda_function"):
        if "runtime" in function and function["runtime"] not in LAMBDA_RUNTIME_ENDS:
            yield f"{address}: runtime {function['runtime']} has ended; use one of {', '.join(LAMBDA_RUNTIME_ENDS)}"
    for _type, address, canary in resources(document, "aws_synthetics_canary"):
        if canary["runtime_version"] not in CANARY_RUNTIME_ENDS:
            runtimes = ", ".join(CANARY_RUNTIME_ENDS)
            yield f"{address}: canary runtime {canary['runtime_version']} has ended; use one of {runtimes}"
    for _type, address, cluster in resources(document, "aws_rds_cluster"):
        engine, version = cluster.get("engine", ""), cluster.get("engine_version", "")
        if engine in ENGINE_LINE_ENDS and engine_line(engine, version) is None:
            lines = ", ".join(ENGINE_LINE_ENDS[engine])
            yield f"{address}: engine version {version} has ended; use a patch level of {lines}"
