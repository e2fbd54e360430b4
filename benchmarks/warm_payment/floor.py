"""The floor: the ledger's statements for a payment, in one transaction through the same driver, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar, cast

from payments import clients
from payments.credentials import SecretCredentials
from payments.database import Database
from payments.engines import AURORA_MYSQL, Cursor, engine_of
from payments.environment import RuntimeEnvironment
from payments.events import COMMITTED, Parties, payment_event
from payments.fingerprints import account_reference
from payments.ledger import Ledger
from payments.payment import Status
from payments.validation import validate

Result = TypeVar("Result")
Statement = tuple[str, Sequence[object] | None]

AMOUNT_LIMIT = Decimal(1_000_000)
REFERENCE_KEY = b"of the floor alone"


class _Recorder(Database):
    """Keeps the statements of a transaction in place of sending them, so that the floor has no copy of them."""

    rowcount = 1

    def __init__(self, engine: str) -> None:
        self.engine = engine_of(engine)
        self.statements: list[Statement] = []

    def transaction(self, work: Callable[[Cursor], Result]) -> Result:
        return work(cast(Cursor, self))

    def execute(self, sql: str, values: Sequence[object] | None = None) -> int:
        self.statements.append((sql, values))
        return 1


def ledger_statements(document: Mapping[str, object], *, region: str, engine: str = AURORA_MYSQL) -> list[Statement]:
    """The statements with which the ledger records this payment."""
    payment = validate(document, amount_limit=AMOUNT_LIMIT)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    parties = Parties(
        payer=account_reference(payment.payer_account, REFERENCE_KEY),
        payee=account_reference(payment.payee_account, REFERENCE_KEY),
    )
    answer: dict[str, object] = {
        "valid": True,
        "payment_id": payment.payment_id,
        "amount": str(payment.amount),
        "currency": payment.currency,
        "region": region,
        "validated_at": now,
    }
    event = payment_event(COMMITTED, payment, parties, region=region, at=now)
    recorder = _Recorder(engine)
    Ledger(recorder).record(payment, status=Status.COMMITTED, answer=answer, event=event)
    return recorder.statements


class Floor:
    """A connection like the function's own, over which prepared payments are written."""

    def __init__(self, environment: RuntimeEnvironment) -> None:
        database = environment.database
        credentials = SecretCredentials(
            client=clients.secretsmanager(environment.region), secret_arn=database.secret_arn
        )
        self._connection = Database(
            engine=database.engine,
            host=database.host,
            port=database.port,
            name=database.name,
            credentials=credentials,
        ).connect()

    def write(self, statements: list[Statement]) -> None:
        """One committed transaction. Raises the driver's errors."""
        with self._connection.cursor() as cursor:
            for sql, values in statements:
                cursor.execute(sql, values)
        self._connection.commit()
