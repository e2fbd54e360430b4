"""What can be asked of the payment system, whatever the front: take a payment, look one up, say if it works."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from payments.configuration import Configuration
from payments.fingerprints import account_reference, request_fingerprint
from payments.observability import count, logger
from payments.payment import Answer, Payment, PaymentRefusedError
from payments.sessions import Session, Sessions
from payments.validation import validate


class PaymentService:
    """Validates first and stores after; a refused payment leaves nothing behind."""

    def __init__(
        self,
        *,
        configuration: Configuration,
        sessions: Sessions,
        region: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._configuration = configuration
        self._sessions = sessions
        self._region = region
        self._clock = clock

    def take(self, document: Mapping[str, object]) -> Answer:
        """The answer to the payment in `document`, the same each time it is sent.

        Raises `PaymentRefusedError` when the request is at fault; anything else is a fault of ours or of AWS.
        """
        configuration = self._configuration.read()
        payment = validate(document, amount_limit=configuration.amount_limit)
        now = self._clock()
        session = Session(
            payment=payment,
            fingerprint=request_fingerprint(payment, configuration.fingerprint_key),
            answer=self._validated(payment, now),
            created_at=now,
            expires_at=now + timedelta(seconds=configuration.sessions_ttl),
        )
        answer = self._sessions.record(session)
        repeated = answer != session.answer
        logger.info(
            "payment validated",
            payment_id=payment.payment_id,
            repeated=repeated,
            payer=account_reference(payment.payer_account, configuration.fingerprint_key),
            payee=account_reference(payment.payee_account, configuration.fingerprint_key),
        )
        count("PaymentsRepeated" if repeated else "PaymentsValidated")
        return answer

    def find(self, payment_id: str) -> Answer | None:
        """The answer that was given for a payment, if it is still known."""
        return self._sessions.find(payment_id, now=self._clock())

    def failed_dependencies(self) -> list[str]:
        """Names of what the service needs and cannot reach, each asked now."""
        failed = []
        for name, dependency in (("sessions", self._sessions), ("configuration", self._configuration)):
            try:
                dependency.check()
            except Exception:
                logger.exception("dependency unreachable", dependency=name)
                failed.append(name)
        return failed

    def _validated(self, payment: Payment, now: datetime) -> Answer:
        return {
            "valid": True,
            "payment_id": payment.payment_id,
            "amount": str(payment.amount),
            "currency": payment.currency,
            "region": self._region,
            "validated_at": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }


def report_refusal(refusal: PaymentRefusedError) -> None:
    """Logs and counts a refusal, without the text that the client sent."""
    logger.warning("payment refused", reason=refusal.reason, payment_id=refusal.payment_id)
    count("PaymentsRefused")
