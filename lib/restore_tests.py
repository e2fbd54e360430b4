"""How it is known that backups can be restored: the plan that restores them, and what checks what it restored."""

from __future__ import annotations

from lib.backup.restore_testing import RestoreTesting
from lib.outputs import Outputs
from lib.payment_recovery import PaymentRecovery, Side
from lib.recovery.restore_test import RestoreTest


class RestoreTests:
    """Composes the tests of the backups in one Region's vault."""

    def __init__(self, side: Side, *, recovery: PaymentRecovery, vault_arn: str) -> None:
        region, data = side.foundation.region, side.data
        self._testing = RestoreTesting(
            region,
            vault_arn=vault_arn,
            vault_key=side.foundation.key,
            ledger=data.ledger,
            sessions=data.sessions,
        )
        self._test = RestoreTest(
            region,
            means=recovery.means,
            plan_arn=self._testing.plan_arn,
            ledger=data.ledger,
            sessions=data.sessions,
        )

    def outputs(self) -> Outputs:
        return {**self._testing.outputs(), **self._test.outputs()}
