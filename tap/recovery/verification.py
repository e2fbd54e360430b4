"""Whether an environment is well after a recovery."""

from __future__ import annotations

from typing import Any

from tap.recovery.site import Site


def verify(site: Site) -> dict[str, Any]:
    """The service answers and the ledger balances. Raises `TaskFailedError` that names what is not so."""
    service = site.function.ask_until("check-service")
    ledger = site.function.ask_until("check-ledger", strict=True)
    return {"service": service, "ledger": ledger}
