"""The payment API: an HTTP API in front of the payment function, served by AWS over TLS."""

from __future__ import annotations

import json

from cdktf_cdktf_provider_aws.apigatewayv2_api import Apigatewayv2Api
from cdktf_cdktf_provider_aws.apigatewayv2_authorizer import (
    Apigatewayv2Authorizer,
    Apigatewayv2AuthorizerJwtConfiguration,
)
from cdktf_cdktf_provider_aws.apigatewayv2_integration import Apigatewayv2Integration
from cdktf_cdktf_provider_aws.apigatewayv2_route import Apigatewayv2Route
from cdktf_cdktf_provider_aws.apigatewayv2_stage import (
    Apigatewayv2Stage,
    Apigatewayv2StageAccessLogSettings,
    Apigatewayv2StageDefaultRouteSettings,
)
from constructs import Construct

from lib.log_group import owned_log_group
from lib.settings import Settings

ROUTES = {
    "create_payment": "POST /payments",
    "read_payment": "GET /payments/{payment_id}",
    "health": "GET /health",
    "deep_health": "GET /health/deep",
}
# The longest that an HTTP API waits for its integration.
INTEGRATION_TIMEOUT_MS = 30_000
ACCESS_LOG_FORMAT = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "sourceIp": "$context.identity.sourceIp",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "responseLatency": "$context.responseLatency",
    "integrationStatus": "$context.integrationStatus",
    "integrationError": "$context.integrationErrorMessage",
}


class PaymentApi:
    """Routes, throttling, access log and authorization of the API; every route is authorized."""

    def __init__(self, scope: Construct, *, settings: Settings, alias_invoke_arn: str, log_key_arn: str) -> None:
        self._scope = scope
        self._settings = settings
        self.api = Apigatewayv2Api(
            scope, "api", name=settings.name("api"), protocol_type="HTTP", description="Takes and answers payments"
        )
        self.id = self.api.id
        self.access_log_group = owned_log_group(
            scope,
            "api_log_group",
            name=f"/aws/apigateway/{settings.name('api')}",
            settings=settings,
            key_arn=log_key_arn,
        )
        self.stage = Apigatewayv2Stage(
            scope,
            "api_stage",
            api_id=self.id,
            name="$default",
            auto_deploy=True,
            access_log_settings=Apigatewayv2StageAccessLogSettings(
                destination_arn=self.access_log_group.arn, format=json.dumps(ACCESS_LOG_FORMAT)
            ),
            default_route_settings=Apigatewayv2StageDefaultRouteSettings(
                throttling_rate_limit=settings.api_rate_limit,
                throttling_burst_limit=settings.api_burst_limit,
                detailed_metrics_enabled=True,
            ),
        )
        self._routes(alias_invoke_arn)

    @property
    def host(self) -> str:
        """The host name that AWS serves the API under."""
        return f"{self.id}.execute-api.{self._settings.aws_region}.{self._settings.partition.dns_suffix}"

    @property
    def source_arn(self) -> str:
        """The ARN that the API calls functions with: any stage, method and path of this API."""
        return f"{self.api.execution_arn}/*/*"

    def outputs(self) -> dict[str, str]:
        return {
            "api_id": self.id,
            "api_endpoint": self.api.api_endpoint,
            "api_log_group_name": self.access_log_group.name,
        }

    def _routes(self, alias_invoke_arn: str) -> None:
        integration = Apigatewayv2Integration(
            self._scope,
            "api_integration",
            api_id=self.id,
            integration_type="AWS_PROXY",
            integration_uri=alias_invoke_arn,
            payload_format_version="2.0",
            timeout_milliseconds=INTEGRATION_TIMEOUT_MS,
        )
        authorizer = self._jwt_authorizer()
        for name, route_key in ROUTES.items():
            Apigatewayv2Route(
                self._scope,
                f"{name}_route",
                api_id=self.id,
                route_key=route_key,
                target=f"integrations/{integration.id}",
                authorization_type=self._settings.api_authorization,
                authorizer_id=authorizer.id if authorizer else None,
            )

    def _jwt_authorizer(self) -> Apigatewayv2Authorizer | None:
        issuer, audience = self._settings.api_jwt_issuer, self._settings.api_jwt_audience
        if self._settings.api_authorization != "JWT" or not issuer or not audience:
            return None
        return Apigatewayv2Authorizer(
            self._scope,
            "api_authorizer",
            api_id=self.id,
            name=self._settings.name("jwt"),
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration=Apigatewayv2AuthorizerJwtConfiguration(issuer=issuer, audience=[audience]),
        )
