"""Puts the execution of functions in place of moto's fixed answers."""

import base64
import json
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

Answer = tuple[int, dict[str, str], bytes]


def patch(service: FunctionService, asynchronous: AsynchronousInvocations) -> None:
    """Makes moto's Lambda run functions, for API calls and for other services inside moto."""

    def answer_invoke(response: Any) -> Answer:
        name = response.path.rsplit("/functions/", 1)[1].removesuffix("/").removesuffix("/invocations")
        target = Target.named(
            response.current_account, response.region, unquote(name), response.querystring.get("Qualifier", [None])[0]
        )
        body = _bytes(response.body)
        match response.headers.get("X-Amz-Invocation-Type", "RequestResponse"):
            case "DryRun":
                deployment_of(target.function())
                return 204, {"status": "204"}, b""
            case "Event":
                return 202, {"status": "202", "x-amzn-requestid": asynchronous.accept(target, body)}, b""
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
        headers: Any,  # noqa: ARG001
        response_headers: Any,
    ) -> bytes:
        """For queues, which wait for the function."""
        target = Target.named(backend.account_id, backend.region_name, function_name, qualifier)
        outcome = service.invoke(target, _bytes(body))
        if outcome.result.error:
            response_headers["x-amz-function-error"] = outcome.result.error
        return outcome.result.payload

    def function_invoke(function: LambdaFunction, body: Any, _headers: Any, _response_headers: Any) -> bytes:
        """For topics, buckets, streams and log groups, which do not wait."""
        target = Target(function.account_id, function.region, function.function_name, str(function.version))
        return json.dumps(asynchronous.accept(target, _bytes(body))).encode()

    replacements: list[tuple[Any, Any]] = [
        (LambdaResponse, answer_invoke),
        (LambdaBackend, backend_invoke),
        (LambdaSimpleBackend, backend_invoke),
        (LambdaFunction, function_invoke),
    ]
    for owner, invoke in replacements:
        owner.invoke = invoke


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""


def _client_context(headers: Any) -> str | None:
    encoded = headers.get("X-Amz-Client-Context")
    return base64.b64decode(encoded).decode() if encoded else None
