"""The Lambda proxy integration of a route: permission, invocation, answer."""

import json
import re
import threading
from collections.abc import Mapping
from typing import Any

from moto.apigatewayv2.models import Integration
from moto.awslambda.exceptions import LambdaClientError

from local_aws import functions
from local_aws.functions.deployed import Target
from local_aws.functions.destination import message_of
from local_aws.functions.errors import CutOffError, RequestTooLargeError, TooManyRequestsError
from local_aws.functions.execution_role import role_allows
from local_aws.functions.invocation import Outcome
from local_aws.functions.permission import INVOKE, service_may_invoke
from local_aws.http_api.payload import HttpAnswer, InvalidAnswerError, answer_of

FUNCTION_IN_URI = re.compile(r"(?:.*/functions/)?(?P<arn>arn:[^/]+:lambda:[^/]+:function:[^/]+?)(?:/invocations)?")
SERVICE = "apigateway.amazonaws.com"


class IntegrationError(Exception):
    """The integration gave no answer. `status` and `message` are for the client, the text is for the access log."""

    def __init__(self, reason: str, status: int = 500, message: str = "Internal Server Error") -> None:
        super().__init__(reason)
        self.status = status
        self.message = message


def call_function(integration: Integration, source_arn: str, event: Mapping[str, Any]) -> HttpAnswer:
    """Invokes the integration's function with the event. Raises IntegrationError."""
    target = _target(integration)
    try:
        if not _permitted(integration, target, source_arn):
            raise IntegrationError(f"{SERVICE} may not invoke {target.arn} for {source_arn}: add a permission to it.")
        outcome = _invoke(target, json.dumps(event).encode(), float(integration.timeout_in_millis or 30000) / 1000)
    except RequestTooLargeError as error:
        raise IntegrationError(error.message, 413, "Request Entity Too Large") from None
    except (CutOffError, TooManyRequestsError) as error:
        raise IntegrationError(error.message, 503, "Service Unavailable") from None
    except LambdaClientError as error:
        raise IntegrationError(error.message) from None
    if outcome.result.error:
        raise IntegrationError(f"The function failed: {message_of(outcome.result.payload)}")
    try:
        return answer_of(outcome.result.payload)
    except InvalidAnswerError as error:
        raise IntegrationError(str(error)) from None


def _target(integration: Integration) -> Target:
    if integration.integration_type != "AWS_PROXY" or integration.payload_format_version != "2.0":
        kind = f"{integration.integration_type}, payload format {integration.payload_format_version}"
        raise IntegrationError(f"The local AWS has AWS_PROXY integrations with payload format 2.0 only, not {kind}.")
    function = FUNCTION_IN_URI.fullmatch(integration.integration_uri or "")
    if function is None:
        raise IntegrationError(f"The integration URI {integration.integration_uri} names no function.")
    return Target.at(function["arn"])


def _permitted(integration: Integration, target: Target, source_arn: str) -> bool:
    if integration.credentials_arn:
        return role_allows(integration.credentials_arn, INVOKE, target.arn)
    return service_may_invoke(target, SERVICE, source_arn)


def _invoke(target: Target, payload: bytes, timeout: float) -> Outcome:
    """Invokes and waits as long as the integration does; the function may go on after that."""
    outcomes: list[Outcome] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            outcomes.append(functions.invoke(target, payload))
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(timeout)
    if errors:
        raise errors[0]
    if not outcomes:
        raise IntegrationError(f"No answer within {timeout:.0f} seconds.", 503, "Service Unavailable")
    return outcomes[0]
