"""What AWS offers, with dates: Regions, zones, engine versions and runtimes.

A test fails when one of the ends has passed, so that a deprecated version is noticed here first.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

# By engine: a line of versions (any patch level) and the end of its standard support. 3.10 and 17.7 have long-term
# support: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Update.SpecialVersions.html
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/aurorapostgresql-release-calendar.html
ENGINE_LINE_ENDS = {
    "aurora-mysql": {"8.0.mysql_aurora.3.10": date(2028, 4, 30)},
    "aurora-postgresql": {
        "17.7": date(2030, 2, 28),
        "17.9": date(2027, 9, 30),
        "17.10": date(2027, 12, 31),
        "16.8": date(2029, 2, 28),
    },
}
LAMBDA_RUNTIME_ENDS = {
    # https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
    "python3.13": date(2029, 6, 30),
    "python3.12": date(2028, 10, 31),
}
# AWS publishes an end 60 days ahead only; none of these outlives Python 3.12, on which it runs.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Library_python_selenium.html
CANARY_RUNTIME_ENDS = {
    f"syn-python-selenium-{version}": LAMBDA_RUNTIME_ENDS["python3.12"] for version in ("14.0", "13.0", "12.0")
}
# Regions where the zones of new accounts are not a, b and c; "" where there are fewer than three.
_ZONE_LETTERS = {"us-west-1": "", "ap-northeast-1": "a,c,d", "ca-central-1": "a,b,d"}


def engine_line(engine: str, version: str) -> str | None:
    """Return the supported line of versions that a version is of, or None."""
    lines = ENGINE_LINE_ENDS.get(engine, {})
    return next((line for line in lines if f"{version}.".startswith(f"{line}.")), None)


@dataclass(frozen=True)
class Partition:
    """A set of Regions that shares ARN prefix, accounts and DNS suffix."""

    id: str
    dns_suffix: str
    regions: frozenset[str]


@cache
def partition_of(region: str) -> Partition | None:
    """Return the partition of a Region, or None for a Region that does not exist.

    The source is botocore's own data, read without importing botocore (which takes longer than the whole synth).
    """
    package = importlib.util.find_spec("botocore")
    assert package is not None
    assert package.origin is not None
    document = json.loads(Path(package.origin).with_name("data").joinpath("partitions.json").read_text())
    for partition in document["partitions"]:
        regions = frozenset(name for name in partition["regions"] if not name.endswith("-global"))
        if region in regions:
            return Partition(partition["id"], partition["outputs"]["dnsSuffix"], regions)
    return None


def zone_letters(region: str) -> str:
    """Return the letters of three zones of a Region, or "" where it has fewer."""
    return _ZONE_LETTERS.get(region, "a,b,c")
