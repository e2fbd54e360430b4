"""Recoveries of `tap recover` as part of a game day, with their journals among its files."""

from __future__ import annotations

from datetime import UTC, datetime

from tap.gameday.stage import Stage
from tap.recovery.catalogue import build
from tap.recovery.journal import Journal
from tap.recovery.procedure import carry_out
from tap.recovery.site import Site


def perform(stage: Stage, site: Site, kind: str, arguments: dict[str, str]) -> Journal:
    """Does a recovery of this kind. Raises what ends it."""
    procedure = build(kind, site, arguments)
    procedure.check()
    journal = Journal.new(
        stage.directory / "recoveries",
        kind=kind,
        suffix=site.suffix,
        region=site.region,
        arguments=arguments,
        now=datetime.now(UTC),
    )
    with journal.locked():
        carry_out(procedure, journal, stage.tell)
    return journal
