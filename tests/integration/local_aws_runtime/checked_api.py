"""An API with one function, and a health check of it."""

import uuid
from dataclasses import dataclass
from typing import Any

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
    api_id: str

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
        return cls(cloud, function, api)

    @property
    def host(self) -> str:
        return f"{self.api_id}.execute-api.{self.cloud.region}.amazonaws.com"

    def answer(self, status: int) -> None:
        self.cloud.client("lambda").update_function_configuration(
            FunctionName=self.function.name, Environment={"Variables": {"STATUS": str(status)}}
        )

    def check(self, **more: Any) -> str:
        """The id of a new health check."""
        config = {"Type": "HTTPS", "Port": 443, "ResourcePath": "/health", "FullyQualifiedDomainName": self.host}
        made = self.cloud.client("route53").create_health_check(
            CallerReference=uuid.uuid4().hex, HealthCheckConfig={**config, **more}
        )
        return str(made["HealthCheck"]["Id"])

    def status(self, **more: Any) -> str:
        """What all checkers say."""
        asked = {"HealthCheckId": self.check(**more)}
        observations = self.cloud.client("route53").get_health_check_status(**asked)["HealthCheckObservations"]
        assert {one["Region"] for one in observations} == {"eu-west-1", "us-east-1", "us-west-2"}
        (status,) = {one["StatusReport"]["Status"] for one in observations}
        return str(status)
