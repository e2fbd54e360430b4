"""Function URLs (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html)."""

import json

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction

from local_aws import functions
from local_aws.functions.deployed import Target
from local_aws.functions.errors import RequestTooLargeError, TooManyRequestsError
from local_aws.functions.permission import INVOKE_URL, everyone_may_call_url
from local_aws.http_api.callers import Caller, authenticate
from local_aws.http_api.gateway import Exchange, iam_authorizer
from local_aws.http_api.payload import Endpoint, HttpAnswer, InvalidAnswerError, answer_of, event_of


def answer_url(exchange: Exchange, function: LambdaFunction) -> HttpAnswer:
    """The answer to a request to a function's URL."""
    target = Target(function.account_id, function.region, function.function_name)
    settings = function.get_url_config().to_dict()
    caller = None
    if settings["AuthType"] == "AWS_IAM":
        caller = authenticate(exchange.signed, "lambda", function.region)
        if caller is None or not caller.may(INVOKE_URL, target.arn):
            return _error(403, "Forbidden")
    elif not everyone_may_call_url(target):
        return _error(403, "Forbidden")
    event = event_of(exchange.request, _endpoint(exchange, function, caller), exchange.request_id, exchange.time)
    try:
        outcome = functions.invoke(target, json.dumps(event).encode())
        if outcome.result.error is None:
            return answer_of(outcome.result.payload, "application/json")
    except RequestTooLargeError:
        return _error(413, "Request Entity Too Large")
    except TooManyRequestsError:
        return _error(429, "Rate Exceeded.")
    except (LambdaClientError, InvalidAnswerError):
        pass
    return _error(502, "Internal Server Error")


def _endpoint(exchange: Exchange, function: LambdaFunction, caller: Caller | None) -> Endpoint:
    return Endpoint(
        account=function.account_id if caller else "anonymous",
        api_id=exchange.domain_name.split(".")[0],
        domain_name=exchange.domain_name,
        stage="$default",
        route_key="$default",
        authorizer=iam_authorizer(caller) if caller else None,
    )


def _error(status: int, message: str) -> HttpAnswer:
    return HttpAnswer(status, json.dumps({"Message": message}).encode(), [("content-type", "application/json")])
