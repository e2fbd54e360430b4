"""The Lambda function's entry point: tells HTTP requests from payment events and hands each to its front."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from payments import clients
from payments.bus_events import answer_payment_event, is_payment_event
from payments.configuration import Configuration
from payments.environment import RuntimeEnvironment
from payments.http import HttpApi
from payments.lambda_http import answer_http_event, is_http_event
from payments.observability import logger, publish_metrics
from payments.service import PaymentService
from payments.sessions import Sessions

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class UnsupportedEventError(Exception):
    """The event is neither an HTTP API request nor a payment event."""


@cache
def runtime_environment() -> RuntimeEnvironment:
    """The deployment's variables, read once per process."""
    return RuntimeEnvironment.from_variables(os.environ)


@cache
def payment_service() -> PaymentService:
    """The service with its AWS clients, made once per process, when first needed."""
    environment = runtime_environment()
    return PaymentService(
        configuration=Configuration(
            client=clients.ssm(environment.region),
            path=environment.configuration_path,
            max_age=environment.parameters_max_age,
        ),
        sessions=Sessions(client=clients.dynamodb(environment.region), table=environment.sessions_table),
        region=environment.region,
    )


@cache
def http_api() -> HttpApi:
    """The routes, made once per process."""
    return HttpApi(environment=runtime_environment(), service=payment_service)


# An event holds accounts, so it is not logged, whatever POWERTOOLS_LOGGER_LOG_EVENT says.
@logger.inject_lambda_context(log_event=False, clear_state=True, correlation_id_path="id || requestContext.requestId")
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, object]:  # noqa: ARG001 - Lambda's signature
    """Answers one event. Raises `UnsupportedEventError`, and what `answer_payment_event` raises."""
    try:
        if is_http_event(event):
            return answer_http_event(event, http_api())
        if is_payment_event(event):
            return answer_payment_event(event, payment_service())
        raise UnsupportedEventError(
            "expected an HTTP API request (payload format 2.0) or the event 'Payment Transaction' of payment.processor"
        )
    finally:
        publish_metrics()
