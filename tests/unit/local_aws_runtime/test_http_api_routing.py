"""The route that a request takes, and how often it may."""

import pytest

from local_aws.http_api.access_log import access_line
from local_aws.http_api.routes import match_route
from local_aws.http_api.throttle import Limits, Throttle, route_limits

ROUTES = ["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "POST /pets", "ANY /pets"]


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1"),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
        ("POST", "/test/5", "ANY /{proxy+}"),
        ("POST", "/pets", "POST /pets"),
        ("PUT", "/pets", "ANY /pets"),
    ],
)
def test_the_most_specific_route_is_taken(method: str, path: str, route: str) -> None:
    match = match_route(ROUTES, method, path)
    assert match is not None
    assert match.route_key == route


def test_path_variables_are_decoded() -> None:
    match = match_route(["GET /payments/{id}/{rest+}"], "GET", "/payments/a%20b/c/d%2Fe")
    assert match is not None
    assert match.parameters == {"id": "a b", "rest": "c/d/e"}


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/payments"), ("GET", "/payments/"), ("GET", "/payments/1/2"), ("PUT", "/payments/1")]
)
def test_a_request_may_have_no_route(method: str, path: str) -> None:
    assert match_route(["GET /payments/{id}"], method, path) is None


def test_the_default_route_takes_what_is_left() -> None:
    match = match_route(["$default", "GET /payments"], "PUT", "/anything")
    assert match is not None
    assert match.route_key == "$default"


def test_a_bucket_holds_the_burst_and_fills_at_the_rate() -> None:
    now = [0.0]
    throttle, limits = Throttle(lambda: now[0]), Limits(rate=2, burst=3)
    assert [throttle.admits("a", limits) for _ in range(4)] == [True, True, True, False]
    now[0] = 0.5
    assert [throttle.admits("a", limits) for _ in range(2)] == [True, False]
    now[0] = 100
    assert [throttle.admits("a", limits) for _ in range(4)] == [True, True, True, False]
    assert throttle.admits("b", limits)


def test_limits_of_a_route_go_before_those_of_the_stage() -> None:
    default = {"throttlingRateLimit": 10, "throttlingBurstLimit": 20}
    routes = {"GET /a": {"throttlingRateLimit": 1}}
    assert route_limits(default, routes, "GET /a") == Limits(1, 20)
    assert route_limits(default, routes, "GET /b") == Limits(10, 20)
    assert route_limits({"detailedMetricsEnabled": True}, {}, "GET /b") is None


def test_a_limit_of_zero_lets_nothing_through() -> None:
    limits = route_limits({"throttlingRateLimit": 0, "throttlingBurstLimit": 0}, {}, "GET /a")
    assert limits == Limits(0, 0)
    assert not Throttle().admits("a", Limits(0, 0))


def test_an_access_line_has_hyphens_for_what_is_unknown() -> None:
    line = access_line("$context.status $context.identity.sourceIp $context.error.message.", {"status": "200"})
    assert line == "200 - -."
