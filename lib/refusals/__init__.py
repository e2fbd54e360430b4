"""What AWS refuses although the provider plans it, found in the synthesized JSON; each with its remedy."""

from __future__ import annotations

from lib.refusals.combinations import combination_faults
from lib.refusals.document import Document
from lib.refusals.leftovers import retention_faults, tag_faults
from lib.refusals.names import name_faults
from lib.refusals.secrets import secret_faults
from lib.refusals.versions import version_faults
from lib.settings import Settings


class RefusalError(ValueError):
    """The synthesized stack holds something that AWS would refuse."""


def check(document: Document, settings: Settings) -> None:
    """Raise RefusalError with one line for each fault of a synthesized stack."""
    faults = [
        fault
        for finder in (name_faults, tag_faults, retention_faults, combination_faults, secret_faults, version_faults)
        for fault in finder(document, settings)
    ]
    if faults:
        raise RefusalError("\n".join(faults))
