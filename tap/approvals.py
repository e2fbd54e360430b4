"""Payments that wait for a person: executions of the approval workflow, and the answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tap.environment import Environment, EnvironmentNotFoundError
from tap.payment_sending import NoAnswerError, find_payment
from tap.state_machine import AnsweredError, NotAskedError, StateMachine

if TYPE_CHECKING:
    from mypy_boto3_sts.client import STSClient

    from tap.payment_client import PaymentClient

WORKFLOW = "approval"


class ApprovalError(RuntimeError):
    """The payment does not wait for an approval."""


@dataclass(frozen=True)
class PendingApproval:
    """A payment that the workflow has begun with; `asked` once it waits for a person.

    `amount` and `currency` come from the API, and are None when it does not answer.
    """

    payment_id: str
    amount: str | None
    currency: str | None
    started_at: datetime
    asked: bool


class Approvals:
    """The approvals of one environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._workflow = StateMachine(environment, WORKFLOW)

    def pending(self) -> list[PendingApproval]:
        """Those that run, oldest first. Raises `EnvironmentNotFoundError`, and botocore's errors."""
        arn = self._workflow.find()
        if arn is None:
            raise EnvironmentNotFoundError(
                f"environment {self._environment.suffix!r} has no approval workflow: there is no state machine "
                f"{self._workflow.name} in {self._environment.account.place}; deploy it with APPROVAL_THRESHOLD set"
            )
        client = self._environment.payment_client()
        found = []
        for execution in self._workflow.running(arn):
            payment_id = execution.given.get("payment_id")
            if not payment_id:
                continue
            known = _answer(client, payment_id)
            found.append(
                PendingApproval(
                    payment_id=payment_id,
                    amount=known.get("amount"),
                    currency=known.get("currency"),
                    started_at=execution.started_at,
                    asked=self._workflow.token(payment_id) is not None,
                )
            )
        return sorted(found, key=lambda approval: approval.started_at)

    def decide(self, payment_id: str, *, approved: bool, approver: str) -> None:
        """Hands the decision to the workflow. Raises `ApprovalError` if it waits for none."""
        try:
            self._workflow.answer(payment_id, approved=approved, approver=approver)
        except NotAskedError:
            raise ApprovalError(
                f"payment {payment_id!r} waits for no approval in environment {self._environment.suffix!r}; "
                "`tap approvals list` shows those that do"
            ) from None
        except AnsweredError:
            raise ApprovalError(
                f"the approval of payment {payment_id!r} was decided already or its time has passed; "
                f"see `tap payment show {payment_id}`"
            ) from None

    def caller(self) -> str:
        """Who the credentials belong to: the last part of the caller's ARN."""
        sts: STSClient = self._environment.client("sts")
        return sts.get_caller_identity()["Arn"].rsplit(":", 1)[-1]


def _answer(client: PaymentClient, payment_id: str) -> dict[str, Any]:
    try:
        body = find_payment(client, payment_id).body
    except NoAnswerError:
        return {}
    return body if isinstance(body, dict) else {}
