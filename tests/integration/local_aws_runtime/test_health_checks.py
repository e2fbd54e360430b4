"""Health checkers ask the deployed API of the Region that a check names, unsigned, and tell what it answers."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

SOURCE = """
    import os
    import urllib.request

    def handler(event, context):
        # A function may use AWS while it is asked for its health.
        with urllib.request.urlopen(f"{os.environ['AWS_ENDPOINT_URL']}/local-aws/status") as answer:
            assert answer.status == 200
        status = int(os.environ["STATUS"])
        if status == 599:
            raise ValueError("never works")
        return {"statusCode": status, "body": os.environ["AWS_REGION"] + event["headers"]["user-agent"][:14]}
"""


@dataclass(frozen=True)
class Checked:
    """An API with one function, and a health check of it."""

    cloud: Any
    function: Any
    host: str

    @classmethod
    def of(cls, cloud: Any, authorization: str = "NONE") -> "Checked":
        apis, function = (
            cloud.client("apigatewayv2"),
            cloud.function(SOURCE, Environment={"Variables": {"STATUS": "200"}}),
        )
        api = apis.create_api(Name="payments", ProtocolType="HTTP")["ApiId"]
        apis.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
        integration = apis.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function.arn, PayloadFormatVersion="2.0"
        )["IntegrationId"]
        apis.create_route(
            ApiId=api,
            RouteKey="GET /health",
            AuthorizationType=authorization,
            Target=f"integrations/{integration}",
        )
        cloud.client("lambda").add_permission(
            FunctionName=function.name,
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        )
        return cls(cloud, function, f"{api}.execute-api.{cloud.region}.amazonaws.com")

    def answer(self, status: int) -> None:
        self.cloud.client("lambda").update_function_configuration(
            FunctionName=self.function.name, Environment={"Variables": {"STATUS": str(status)}}
        )

    def status(self, **more: Any) -> str:
        """What all checkers say."""
        config = {"Type": "HTTPS", "Port": 443, "ResourcePath": "/health", "FullyQualifiedDomainName": self.host}
        route53 = self.cloud.client("route53")
        made = route53.create_health_check(CallerReference=uuid.uuid4().hex, HealthCheckConfig={**config, **more})
        asked = {"HealthCheckId": made["HealthCheck"]["Id"]}
        observations = route53.get_health_check_status(**asked)["HealthCheckObservations"]
        assert {one["Region"] for one in observations} == {"eu-west-1", "us-east-1", "us-west-2"}
        (status,) = {one["StatusReport"]["Status"] for one in observations}
        return str(status)


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
