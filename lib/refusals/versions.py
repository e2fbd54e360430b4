"""Versions that AWS has ended, found in the synthesized JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.availability import ENGINE_LINE_ENDS, LAMBDA_RUNTIME_ENDS
from lib.refusals.document import Document, resources
from lib.settings import Settings

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Library_nodejs_puppeteer.html
ENDED_CANARY_RUNTIMES = re.compile(r"syn-nodejs-puppeteer-[0-7]\.\d+")


def version_faults(document: Document, _: Settings) -> Iterator[str]:
    """Yield one line for each runtime or engine version that can no longer be had."""
    for _type, address, function in resources(document, "aws_lambda_function"):
        if "runtime" in function and function["runtime"] not in LAMBDA_RUNTIME_ENDS:
            yield f"{address}: runtime {function['runtime']} has ended; use one of {', '.join(LAMBDA_RUNTIME_ENDS)}"
    for _type, address, canary in resources(document, "aws_synthetics_canary"):
        if ENDED_CANARY_RUNTIMES.fullmatch(canary["runtime_version"]):
            yield f"{address}: canary runtime {canary['runtime_version']} has ended; use a supported one"
    for _type, address, cluster in resources(document, "aws_rds_cluster"):
        version = cluster.get("engine_version", "")
        if cluster.get("engine") == "aurora-mysql" and version.rpartition(".")[0] not in ENGINE_LINE_ENDS:
            yield f"{address}: engine version {version} has ended; use a patch level of {', '.join(ENGINE_LINE_ENDS)}"
