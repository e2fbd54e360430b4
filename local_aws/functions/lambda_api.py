"""Puts the execution of functions in place of moto's fixed answers."""

import base64
from typing import Any
from urllib.parse import unquote

from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.awslambda_simple.models import LambdaSimpleBackend

from local_aws.functions.asynchronous import AsynchronousInvocations
from local_aws.functions.deployed import Target, deployment_of
from local_aws.functions.service import FunctionService

LOG_TAIL = 4096
"""Bytes of log that an Invoke answer carries on request."""

KEPT_SETTINGS = {"LoggingConfig": "logging_config", "DeadLetterConfig": "dead_letter_config"}
"""Settings of a function that moto drops, and the attributes that keep them here."""

Answer = tuple[int, dict[str, str], bytes]


def patch(service: FunctionService, asynchronous: AsynchronousInvocations) -> None:
    """Makes moto's Lambda run functions, for API calls and for other services inside moto."""

    def answer_invoke(response: Any) -> Answer:
        name = response.path.rsplit("/functions/", 1)[1].removesuffix("/").removesuffix("/invocations")
        target = Target.named(
            response.current_account, response.region, unquote(name), response.querystring.get("Qualifier", [None])[0]
        )
        body = response.body.encode() if isinstance(response.body, str) else response.body or b""
        match response.headers.get("X-Amz-Invocation-Type", "RequestResponse"):
            case "DryRun":
                deployment_of(target.function())
                return 204, {}, b""
            case "Event":
                return 202, {"x-amzn-requestid": asynchronous.accept(target, body)}, b""
        outcome = service.invoke(target, body, client_context=_client_context(response.headers))
        headers = {
            "content-type": "application/json",
            "x-amzn-requestid": outcome.request_id,
            "X-Amz-Executed-Version": outcome.executed_version,
        }
        if outcome.result.error:
            headers["X-Amz-Function-Error"] = outcome.result.error
        if response.headers.get("X-Amz-Log-Type") == "Tail":
            tail = "\n".join([*outcome.log, ""]).encode()[-LOG_TAIL:]
            headers["X-Amz-Log-Result"] = base64.b64encode(tail).decode()
        return 200, headers, outcome.result.payload

    def backend_invoke(
        backend: LambdaBackend,
        function_name: str,
        qualifier: str | None,
        body: Any,
        headers: Any,
        response_headers: Any,
    ) -> bytes:
        target = Target.named(backend.account_id, backend.region_name, function_name, qualifier)
        return _within_moto(service, asynchronous, target, body, headers, response_headers)

    def function_invoke(function: LambdaFunction, body: Any, headers: Any, response_headers: Any) -> bytes:
        target = Target(function.account_id, function.region, function.function_name, str(function.version))
        return _within_moto(service, asynchronous, target, body, headers, response_headers)

    replacements: list[tuple[Any, Any]] = [
        (LambdaResponse, answer_invoke),
        (LambdaBackend, backend_invoke),
        (LambdaSimpleBackend, backend_invoke),
        (LambdaFunction, function_invoke),
    ]
    for owner, invoke in replacements:
        owner.invoke = invoke
    _keep_settings(LambdaFunction)


def _within_moto(
    service: FunctionService,
    asynchronous: AsynchronousInvocations,
    target: Target,
    body: Any,
    headers: Any,
    response_headers: Any,
) -> bytes:
    """An invocation by another service inside moto, in the shape of moto's own `invoke`."""
    payload = body.encode() if isinstance(body, str) else body or b""
    if (headers or {}).get("X-Amz-Invocation-Type") == "Event":
        asynchronous.accept(target, payload)
        return b""
    outcome = service.invoke(target, payload)
    if outcome.result.error:
        response_headers["x-amz-function-error"] = outcome.result.error
    return outcome.result.payload


def _keep_settings(owner: Any) -> None:
    create, update, describe = owner.__init__, owner.update_configuration, owner.get_configuration

    def created(function: LambdaFunction, account_id: str, spec: dict[str, Any], region: str, version: Any = 1) -> None:
        create(function, account_id, spec, region, version)
        _keep(function, spec)

    def updated(function: LambdaFunction, config_updates: dict[str, Any]) -> dict[str, Any]:
        _keep(function, config_updates)
        configuration: dict[str, Any] = update(function, config_updates)
        return configuration

    def described(function: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
        kept = {name: getattr(function, attribute, None) for name, attribute in KEPT_SETTINGS.items()}
        return {**describe(function, on_create), **{name: value for name, value in kept.items() if value}}

    owner.__init__, owner.update_configuration, owner.get_configuration = created, updated, described


def _keep(function: LambdaFunction, settings: dict[str, Any]) -> None:
    for name, attribute in KEPT_SETTINGS.items():
        if name in settings:
            setattr(function, attribute, settings[name])



def _client_context(headers: Any) -> str | None:
    encoded = headers.get("X-Amz-Client-Context")
    return base64.b64decode(encoded).decode() if encoded else None
