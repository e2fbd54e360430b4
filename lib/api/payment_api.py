"""The payment API: an HTTP API in front of the payment function, served by AWS over TLS."""

from __future__ import annotations

import json
from collections.abc import Collection

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
    Apigatewayv2StageRouteSettings,
)

from lib.log_group import owned_log_group
from lib.region import Region

HEALTH_PATH = "/health"
HEALTH = f"GET {HEALTH_PATH}"
ROUTES = {
    "create_payment": "POST /payments",
    "read_payment": "GET /payments/{payment_id}",
    "health": HEALTH,
    "deep_health": "GET /health/deep",
}
# Requests per second to a route that anyone may call; Route 53 asks a dozen times in 30 seconds.
OPEN_ROUTE_RATE_LIMIT, OPEN_ROUTE_BURST_LIMIT = 10, 20
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
    """Routes, throttling, access log and authorization of the API; every route is authorized, but for `open_routes`.

    Those are for Route 53's health checkers, which cannot sign.
    """

    def __init__(
        self, region: Region, *, alias_invoke_arn: str, log_key_arn: str, open_routes: Collection[str] = ()
    ) -> None:
        self._region = region
        self._open_routes = open_routes
        self.api = region.add(
            Apigatewayv2Api,
            "api",
            name=region.settings.name("api"),
            protocol_type="HTTP",
            description="Takes and answers payments",
        )
        self.id = self.api.id
        self.access_log_group = owned_log_group(
            region,
            "api_log_group",
            name=f"/aws/apigateway/{region.settings.name('api')}",
            key_arn=log_key_arn,
        )
        routes = self._routes(alias_invoke_arn)
        self.stage = region.add(
            Apigatewayv2Stage,
            "api_stage",
            api_id=self.id,
            name="$default",
            auto_deploy=True,
            access_log_settings=Apigatewayv2StageAccessLogSettings(
                destination_arn=self.access_log_group.arn, format=json.dumps(ACCESS_LOG_FORMAT)
            ),
            default_route_settings=Apigatewayv2StageDefaultRouteSettings(
                throttling_rate_limit=region.settings.api_rate_limit,
                throttling_burst_limit=region.settings.api_burst_limit,
                detailed_metrics_enabled=True,
            ),
            route_settings=[
                Apigatewayv2StageRouteSettings(
                    route_key=route_key,
                    throttling_rate_limit=OPEN_ROUTE_RATE_LIMIT,
                    throttling_burst_limit=OPEN_ROUTE_BURST_LIMIT,
                    detailed_metrics_enabled=True,
                )
                for route_key in open_routes
            ]
            or None,
            depends_on=[routes[route_key] for route_key in open_routes] or None,
        )

    @property
    def host(self) -> str:
        """The host name that AWS serves the API under."""
        return f"{self.id}.execute-api.{self._region.settings.aws_region}.{self._region.settings.partition.dns_suffix}"

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

    def _routes(self, alias_invoke_arn: str) -> dict[str, Apigatewayv2Route]:
        integration = self._region.add(
            Apigatewayv2Integration,
            "api_integration",
            api_id=self.id,
            integration_type="AWS_PROXY",
            integration_uri=alias_invoke_arn,
            payload_format_version="2.0",
            timeout_milliseconds=INTEGRATION_TIMEOUT_MS,
        )
        authorizer = self._jwt_authorizer()
        return {
            route_key: self._region.add(
                Apigatewayv2Route,
                f"{name}_route",
                api_id=self.id,
                route_key=route_key,
                target=f"integrations/{integration.id}",
                authorization_type=self._authorization(route_key),
                authorizer_id=authorizer.id if authorizer and route_key not in self._open_routes else None,
            )
            for name, route_key in ROUTES.items()
        }

    def _authorization(self, route_key: str) -> str:
        return "NONE" if route_key in self._open_routes else self._region.settings.api_authorization

    def _jwt_authorizer(self) -> Apigatewayv2Authorizer | None:
        issuer, audience = self._region.settings.api_jwt_issuer, self._region.settings.api_jwt_audience
        if self._region.settings.api_authorization != "JWT" or not issuer or not audience:
            return None
        return self._region.add(
            Apigatewayv2Authorizer,
            "api_authorizer",
            api_id=self.id,
            name=self._region.settings.name("jwt"),
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration=Apigatewayv2AuthorizerJwtConfiguration(issuer=issuer, audience=[audience]),
        )
