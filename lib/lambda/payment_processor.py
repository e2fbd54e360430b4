"""The Lambda function's entry point: tells the kinds of events apart and hands each to its front."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from payments import clients
from payments.bus_events import answer_payment_event
from payments.configuration import Configuration
from payments.deployed_database import deployed_database
from payments.deployed_switches import DeployedSwitches, deployed_switches
from payments.environment import RuntimeEnvironment
from payments.health import DeepHealth
from payments.http import HttpApi
from payments.lambda_extension import ExtensionError, LambdaExtension
from payments.lambda_http import answer_http_event, is_http_event
from payments.ledger import Ledger
from payments.observability import logger, publish_metrics
from payments.outbox import Outbox
from payments.payment_events import is_payment_event
from payments.publisher import Publisher
from payments.queue_events import answer_queue_event, is_queue_event
from payments.regional_database import LedgerDatabase
from payments.service import PaymentService
from payments.sessions import Sessions
from payments.tasks import Tasks, is_task

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_stepfunctions.client import SFNClient


class UnsupportedEventError(Exception):
    """The event is of none of the kinds that the function answers."""


@cache
def runtime_environment() -> RuntimeEnvironment:
    """The deployment's variables, read once per process."""
    return RuntimeEnvironment.from_variables(os.environ)


@cache
def switches() -> DeployedSwitches:
    return deployed_switches(runtime_environment())


@cache
def outbox() -> Outbox:
    return Outbox(_database())


@cache
def publisher() -> Publisher:
    environment = runtime_environment()
    return Publisher(
        events=clients.events(environment.region),
        bus=environment.event_bus,
        workflows=_workflows,
        state_machine_arn=environment.approval_state_machine_arn,
    )


@cache
def _workflows() -> "SFNClient":
    return clients.stepfunctions(runtime_environment().region)


@cache
def payment_service() -> PaymentService:
    """The service with its AWS clients, made once per process, when first needed."""
    environment = runtime_environment()
    return PaymentService(
        configuration=_configuration(),
        ledger=_ledger(),
        outbox=outbox(),
        publisher=publisher(),
        sessions=_sessions(),
        region=environment.region,
    )


@cache
def deep_health() -> DeepHealth:
    return DeepHealth(
        role=switches().role,
        writes=switches().writes,
        ledger=_ledger(),
        sessions=_sessions(),
        configuration=_configuration(),
    )


@cache
def http_api() -> HttpApi:
    """The routes, made once per process."""
    return HttpApi(environment=runtime_environment(), service=payment_service, deep_health=deep_health)


@cache
def tasks() -> Tasks:
    return Tasks(service=payment_service(), outbox=outbox(), publisher=publisher())


@cache
def _configuration() -> Configuration:
    environment = runtime_environment()
    return Configuration(
        client=clients.ssm(environment.region),
        path=environment.configuration_path,
        max_age=environment.parameters_max_age,
    )


@cache
def _sessions() -> Sessions:
    environment = runtime_environment()
    return Sessions(client=clients.dynamodb(environment.region), table=environment.sessions_table)


@cache
def _ledger() -> Ledger:
    return Ledger(_database())


@cache
def _database() -> LedgerDatabase:
    return deployed_database(runtime_environment(), switches())


def _extension() -> LambdaExtension | None:
    """The extension that keeps this environment awake after an answer; None where there can be none.

    Payments are taken without it too: what an environment leaves undone when it sleeps, the relay does.
    """
    runtime_api = os.environ.get("AWS_LAMBDA_RUNTIME_API")
    if not runtime_api:
        return None
    extension = LambdaExtension(runtime_api, wait=_wait_for_work)
    try:
        extension.start()
    except (ExtensionError, OSError) as error:
        logger.warning("no extension", error=type(error).__name__)
        return None
    return extension


def _wait_for_work(seconds: float) -> bool:
    return not payment_service.cache_info().currsize or payment_service().after_answer.wait(seconds)


extension = _extension()


# An event holds accounts, so it is not logged, whatever POWERTOOLS_LOGGER_LOG_EVENT says.
@logger.inject_lambda_context(log_event=False, clear_state=True, correlation_id_path="id || requestContext.requestId")
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, object]:
    """Answers one event. Raises `UnsupportedEventError`, and what the event's front raises."""
    try:
        return _answer(event)
    finally:
        publish_metrics()
        if payment_service.cache_info().currsize:
            payment_service().after_answer.begin()
        if extension:
            extension.ended(context.aws_request_id)


def _answer(event: dict[str, Any]) -> dict[str, object]:
    if is_http_event(event):
        return answer_http_event(event, http_api())
    if is_payment_event(event):
        return answer_payment_event(event, payment_service())
    if is_queue_event(event):
        return answer_queue_event(event, payment_service())
    if is_task(event):
        return tasks().perform(event)
    raise UnsupportedEventError(
        "expected an HTTP API request (payload format 2.0), the event 'Payment Transaction' of payment.processor, "
        "messages of a queue, or a task"
    )
