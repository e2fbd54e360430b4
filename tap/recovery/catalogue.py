"""The recoveries by their kind, made of arguments that a journal can keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from tap.recovery.backtrack import Backtrack
from tap.recovery.procedure import Procedure
from tap.recovery.region_failover import SWITCHOVER, RegionFailover
from tap.recovery.site import Site
from tap.recovery.writer_failover import WriterFailover

Arguments = Mapping[str, str]


def _backtrack(site: Site, arguments: Arguments) -> Procedure:
    return Backtrack(site, datetime.fromisoformat(arguments["to"]), float(arguments["settle"]))


KINDS: Mapping[str, Callable[[Site, Arguments], Procedure]] = {
    "backtrack": _backtrack,
    "writer-failover": lambda site, _: WriterFailover(site),
    "region-failover": lambda site, arguments: RegionFailover(site, arguments["mode"]),
    "failback": lambda site, _: RegionFailover(site, SWITCHOVER, failback=True),
}


def build(kind: str, site: Site, arguments: Arguments) -> Procedure:
    """The recovery of a kind. Raises what its making raises."""
    return KINDS[kind](site, arguments)
