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

# A line of engine versions (any patch level) and the end of its standard support. 3.10 is the long-term support line:
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Update.SpecialVersions.html
ENGINE_LINE_ENDS = {"8.0.mysql_aurora.3.10": date(2028, 4, 30)}
LAMBDA_RUNTIME_ENDS = {
    # https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
    "python3.13": date(2029, 6, 30),
    "python3.12": date(2028, 10, 31),
}
# Regions where the zones of new accounts are not a, b and c; "" where there are fewer than three.
_ZONE_LETTERS = {"us-west-1": "", "ap-northeast-1": "a,c,d", "ca-central-1": "a,b,d"}


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
