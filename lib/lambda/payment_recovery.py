"""The function that examines, moves and checks the ledger, for state machines and operators: `{"task": name, ...}`.

Each task may be repeated. Errors are raised, and callers know them by the names of their classes.
"""

import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from payments.observability import logger, publish_metrics
from payments.outbox import Outbox
from payments.tasks import APPROVAL_TTL, UnknownTaskError
from recovery.composition import Composition
from recovery.drain import drain
from recovery.environment import RecoveryEnvironment
from recovery.inputs import Answer, Event, flag, moment, optional_text, text
from recovery.ledger_check import check_ledger, require_balance
from recovery.two_regions import Task
from recovery.witness import events_since, payments_by_id, payments_since

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context(log_event=False, clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> Answer:
    """The answer of a task. Raises `UnknownTaskError`, and what the task raises."""
    name = text(event, "task")
    found = tasks().get(name)
    if found is None:
        raise UnknownTaskError(f"{name!r} is none of {', '.join(tasks())}")
    try:
        answer = found(event)
    finally:
        publish_metrics()
    logger.info("task done", task=name)
    return answer


@cache
def composition() -> Composition:
    """Made once per process."""
    return Composition(RecoveryEnvironment.from_variables(os.environ))


@cache
def tasks() -> dict[str, Task]:
    """The tasks by name; those of two Regions only where there are two."""
    parts = composition()
    found: dict[str, Task] = {
        "check-ledger": _check_ledger,
        "check-service": lambda _event: parts.service_check.check(),
        "drain-outbox": lambda _event: drain(Outbox(parts.ledger), parts.publisher),
        "witness": lambda event: payments_since(parts.ledger, moment(event, "since"), optional_text(event, "after")),
        "outbox-events": lambda event: events_since(
            parts.ledger, moment(event, "since"), optional_text(event, "after")
        ),
        "find-payments": lambda event: payments_by_id(parts.ledger, event.get("payment_ids")),
        "examine-cluster": lambda _event: parts.cluster.examine(),
        "fail-over-writer": lambda event: parts.cluster.fail_over(optional_text(event, "from_writer")),
        "await-writer": lambda event: parts.cluster.await_writer(optional_text(event, "from_writer")),
        "request-approval": _request_approval,
    }
    return {**found, **parts.two_regions.tasks()} if parts.two_regions else found


def _check_ledger(event: Event) -> Answer:
    """Of this ledger, or of the one at `endpoint`. Raises `LedgerUnbalancedError` when it is asked to be strict."""
    endpoint, strict = optional_text(event, "endpoint"), flag(event, "strict")
    if endpoint is None:
        checked = check_ledger(composition().ledger)
    else:
        database = composition().ledger_at(endpoint)
        try:
            checked = check_ledger(database)
        finally:
            database.close()
    if strict:
        require_balance(checked)
    return checked


def _request_approval(event: Event) -> Answer:
    """Keeps the token with which a person answers the execution."""
    execution, token = text(event, "execution"), text(event, "task_token")
    composition().sessions.put_approval(f"recovery/{execution}", token, now=datetime.now(UTC), ttl=APPROVAL_TTL)
    logger.info("approval requested", execution=execution, summary=optional_text(event, "summary"))
    return {"execution": execution}
