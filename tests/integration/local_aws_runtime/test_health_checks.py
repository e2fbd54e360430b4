"""Health checkers ask the deployed API of the Region that a check names, unsigned, and tell what it answers."""

import json
import uuid
from typing import Any

import pytest

from .checked_api import Checked


def test_each_regions_api_is_asked_and_may_fail_alone(cloud: Any) -> None:
    here, there = Checked.of(cloud), Checked.of(cloud.elsewhere)
    here.answer(503)
    assert here.status() == "Failure: HTTP Status Code 503, Service Unavailable"
    assert there.status() == "Success: HTTP Status Code 200, OK"
    here.answer(200)
    assert here.status() == "Success: HTTP Status Code 200, OK"


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        (302, "Success: HTTP Status Code 302, Found"),
        (404, "Failure: HTTP Status Code 404, Not Found"),
        (599, "Failure: HTTP Status Code 500, Internal Server Error"),
    ],
)
def test_redirections_are_healthy_and_errors_are_not(cloud: Any, answered: int, said: str) -> None:
    checked = Checked.of(cloud)
    checked.answer(answered)
    assert checked.status() == said


def test_route_that_needs_a_signature_is_unhealthy(cloud: Any) -> None:
    assert Checked.of(cloud, "AWS_IAM").status() == "Failure: HTTP Status Code 403, Forbidden"


def test_answer_is_searched_for_a_string(cloud: Any) -> None:
    checked, kind = Checked.of(cloud), {"Type": "HTTPS_STR_MATCH"}
    assert checked.status(**kind, SearchString=f"{cloud.region}Amazon-Route53") == "Success: HTTP Status Code 200, OK"
    assert "search string" in checked.status(**kind, SearchString="another answer")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"Port": 8443}, "could not establish a connection"),
        ({"Type": "HTTP", "Port": 80}, "could not establish a connection"),
        ({"EnableSNI": False}, "could not establish a connection"),
        ({"ResourcePath": "/other"}, "HTTP Status Code 404"),
        ({"FullyQualifiedDomainName": "nowhere.example.org"}, "DNS resolution failed"),
    ],
    ids=json.dumps,
)
def test_endpoint_that_does_not_serve_the_check_is_unhealthy(cloud: Any, config: dict[str, Any], said: str) -> None:
    status = Checked.of(cloud).status(**config)
    assert status.startswith("Failure: ")
    assert said in status


def test_disabled_check_observes_nothing(cloud: Any) -> None:
    route53 = cloud.client("route53")
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "nowhere.example.org", "Disabled": True}
    made = route53.create_health_check(CallerReference=uuid.uuid4().hex, HealthCheckConfig=config)
    asked = {"HealthCheckId": made["HealthCheck"]["Id"]}
    assert route53.get_health_check_status(**asked)["HealthCheckObservations"] == []
