"""The writers' switch: the payments' code obeys it within seconds, answers 503 and leaves messages in their queues."""

from __future__ import annotations

import time
from typing import Any

from tap.environment import EnvironmentNotFoundError
from tap.recovery.errors import RecoveryFailedError
from tap.recovery.procedure import Tell
from tap.recovery.site import Site

WRITES = "payments/writes"
OPEN, STOPPED = "open", "stopped"
TRUSTED_SECONDS = 5.0
"""How long the code trusts what it read of the switch."""
LONGEST_SECONDS = 20.0
"""What was begun before ends within this, also where the database hangs: see lib/lambda/payments/database.py."""
CHECK_SECONDS = 30.0


class Writers:
    """Everything that writes to the ledger of one Region. Methods raise `RecoveryFailedError`, and botocore's errors.

    `settle_seconds` is the wait until nothing that was begun before they were stopped still writes.
    """

    def __init__(self, site: Site, tell: Tell, settle_seconds: float = TRUSTED_SECONDS + LONGEST_SECONDS) -> None:
        self._site = site
        self._tell = tell
        self._settle = settle_seconds

    def stop(self) -> dict[str, Any]:
        """Stops them, and returns once none writes any more."""
        self._set(STOPPED)
        self._tell(f"waiting {self._settle:g} s for what was begun")
        time.sleep(self._settle)
        self._await(STOPPED)
        return {"writes": STOPPED}

    def start(self) -> dict[str, Any]:
        """Lets them write again, and returns once they do."""
        self._set(OPEN)
        self._await(OPEN)
        return {"writes": OPEN}

    def check_switch(self) -> str:
        """What the switch says. Raises `EnvironmentNotFoundError` where there is none."""
        value = self._site.environment.find_parameter(WRITES)
        if value is None:
            raise EnvironmentNotFoundError(
                f"environment {self._site.suffix!r} in {self._site.environment.account.place} has no switch for its "
                f"writers (SSM parameter /payment/{self._site.suffix}/{WRITES}): deploy it anew with `tap env deploy`"
            )
        return value

    def _set(self, value: str) -> None:
        self._site.client("ssm").put_parameter(
            Name=f"/payment/{self._site.suffix}/{WRITES}", Value=value, Type="String", Overwrite=True
        )

    def _await(self, value: str) -> None:
        """The function reads the switch as the payments' code does, and trusts what it read for as long."""
        deadline = time.monotonic() + CHECK_SECONDS
        while (seen := self._site.function.ask_until("check-service").get("writes")) != value:
            if time.monotonic() > deadline:
                raise RecoveryFailedError(
                    f"the writers' switch was set to {value!r}, and the environment still sees {seen!r} after "
                    f"{CHECK_SECONDS:.0f} s; see that it can read SSM, then resume"
                )
            time.sleep(1)
