"""Answers one request to an HTTP API: route, throttle, authorize, integrate, log."""

import json
import time
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from moto.apigatewayv2.models import Route

from local_aws.http_api.access_log import access_line, write_access_line
from local_aws.http_api.api_lookup import Reached, reached_stage
from local_aws.http_api.callers import Caller, authenticate
from local_aws.http_api.integration import IntegrationError, call_function
from local_aws.http_api.payload import Endpoint, HttpAnswer, HttpRequest, event_of
from local_aws.http_api.routes import DEFAULT, Match, match_route
from local_aws.http_api.signature import SignedRequest
from local_aws.http_api.throttle import Throttle, route_limits

BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of a request (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html)."""


@dataclass
class Exchange:
    """A request on its way, and what the access log will say of it."""

    request: HttpRequest
    signed: SignedRequest
    domain_name: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    log: dict[str, str] = field(default_factory=dict)


def error_answer(status: int, message: str) -> HttpAnswer:
    """An error of API Gateway's own."""
    return HttpAnswer(status, json.dumps({"message": message}).encode(), [("content-type", "application/json")])


class Gateway:
    """All HTTP APIs of one local AWS."""

    def __init__(self) -> None:
        self._throttle = Throttle()

    def answer(self, exchange: Exchange) -> HttpAnswer:
        """The answer to a request to an API's endpoint or custom domain."""
        reached = reached_stage(exchange.domain_name, exchange.signed.path)
        if reached is None:
            return error_answer(404, "Not Found")
        started = time.monotonic()
        answer = self._routed(exchange, reached)
        self._log(exchange, reached, answer, time.monotonic() - started)
        return replace(answer, headers=[*answer.headers, ("apigw-requestid", exchange.request_id)])

    def _routed(self, exchange: Exchange, reached: Reached) -> HttpAnswer:
        routes: dict[str, Route] = {route.route_key: route for route in reached.api.routes.values()}
        match = match_route(routes, exchange.request.method, reached.path)
        if match is None:
            return _refusal(exchange, 404, "Not Found")
        exchange.log["routeKey"] = match.route_key
        stage = reached.stage
        limits = route_limits(stage.default_route_settings or {}, stage.route_settings or {}, match.route_key)
        if limits and not self._throttle.admits(f"{reached.api.api_id}/{stage.name}/{match.route_key}", limits):
            return _refusal(exchange, 429, "Too Many Requests")
        route = routes[match.route_key]
        caller = None
        if route.authorization_type not in (None, "NONE"):
            caller = self._authorized(exchange, reached, route)
            if caller is None:
                return _refusal(exchange, 403, "Forbidden")
        if len(exchange.request.body) > BODY_LIMIT:
            return _refusal(exchange, 413, "Request Entity Too Large")
        return _integrated(exchange, reached, route, match, caller)

    def _authorized(self, exchange: Exchange, reached: Reached, route: Route) -> Caller | None:
        """The caller if it may call this; the local AWS knows no authorization but AWS_IAM and refuses any other."""
        if route.authorization_type != "AWS_IAM":
            exchange.log["authorizer.error"] = f"The local AWS has no {route.authorization_type} authorization."
            return None
        caller = authenticate(exchange.signed, "execute-api", reached.region)
        if caller is None:
            return None
        exchange.log |= {
            "identity.accessKey": caller.access_key,
            "identity.accountId": caller.account,
            "identity.caller": caller.user_id,
            "identity.user": caller.user_id,
            "identity.userArn": caller.arn,
        }
        resource = f"{_api_arn(reached)}/{exchange.request.method}{reached.path}"
        return caller if caller.may("execute-api:Invoke", resource) else None

    def _log(self, exchange: Exchange, reached: Reached, answer: HttpAnswer, seconds: float) -> None:
        settings = reached.stage.access_log_settings or {}
        if not settings.get("destinationArn") or not settings.get("format"):
            return
        request = exchange.request
        context = {
            "accountId": reached.account,
            "apiId": reached.api.api_id,
            "domainName": exchange.domain_name,
            "domainPrefix": exchange.domain_name.split(".")[0],
            "extendedRequestId": exchange.request_id,
            "httpMethod": request.method,
            "identity.sourceIp": request.source_ip,
            "identity.userAgent": request.headers.get("user-agent", "-"),
            "path": request.raw_path,
            "protocol": request.protocol,
            "requestId": exchange.request_id,
            "requestTime": f"{exchange.time:%d/%b/%Y:%H:%M:%S +0000}",
            "requestTimeEpoch": str(int(exchange.time.timestamp())),
            "responseLatency": str(round(seconds * 1000)),
            "responseLength": str(len(answer.body)),
            "stage": reached.stage.name,
            "status": str(answer.status),
            **exchange.log,
        }
        write_access_line(settings["destinationArn"], reached.stage.name, access_line(settings["format"], context))


def _integrated(exchange: Exchange, reached: Reached, route: Route, match: Match, caller: Caller | None) -> HttpAnswer:
    endpoint = Endpoint(
        account=reached.account,
        api_id=reached.api.api_id,
        domain_name=exchange.domain_name,
        stage=reached.stage.name,
        route_key=match.route_key,
        path_parameters=match.parameters,
        stage_variables=reached.stage.stage_variables or {},
        authorizer=iam_authorizer(caller) if caller else None,
    )
    integration = reached.api.integrations.get((route.target or "").removeprefix("integrations/"))
    started = time.monotonic()
    try:
        if integration is None:
            raise IntegrationError(f"The route {match.route_key} has no integration.")
        event = event_of(exchange.request, endpoint, exchange.request_id, exchange.time)
        answer = call_function(integration, _source_arn(exchange, reached, match), event)
        exchange.log |= {"integrationStatus": "200", "integration.status": str(answer.status)}
    except IntegrationError as error:
        exchange.log |= {"integrationErrorMessage": str(error), "integration.error": str(error)}
        answer = _refusal(exchange, error.status, error.message)
    latency = str(round((time.monotonic() - started) * 1000))
    exchange.log |= {"integrationLatency": latency, "integration.latency": latency}
    return answer


def iam_authorizer(caller: Caller) -> dict[str, Any]:
    """What an event says about its caller."""
    identity = {
        "accessKey": caller.access_key,
        "accountId": caller.account,
        "callerId": caller.user_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": caller.arn,
        "userId": caller.user_id,
    }
    return {"iam": identity}


def _refusal(exchange: Exchange, status: int, message: str) -> HttpAnswer:
    exchange.log |= {"error.message": message, "error.messageString": json.dumps(message)}
    return error_answer(status, message)


def _api_arn(reached: Reached) -> str:
    return f"arn:aws:execute-api:{reached.region}:{reached.account}:{reached.api.api_id}/{reached.stage.name}"


def _source_arn(exchange: Exchange, reached: Reached, match: Match) -> str:
    """What API Gateway names as the source when it invokes a function: the route, with its own method for ANY."""
    if match.route_key == DEFAULT:
        return f"{_api_arn(reached)}/{DEFAULT}"
    return f"{_api_arn(reached)}/{exchange.request.method}{match.route_key.partition(' ')[2]}"
