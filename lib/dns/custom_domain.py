"""The HTTP API under its own name, in each Region that serves it."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.apigatewayv2_api_mapping import Apigatewayv2ApiMapping
from cdktf_cdktf_provider_aws.apigatewayv2_domain_name import (
    Apigatewayv2DomainName,
    Apigatewayv2DomainNameDomainNameConfiguration,
)
from cdktf_cdktf_provider_aws.route53_record import Route53RecordAlias

from lib.region import Region


class CustomDomain:
    """`api.{zone}` as the API's custom domain, with a certificate for that name."""

    def __init__(self, region: Region, *, certificate_arn: str, api_id: str, stage_id: str) -> None:
        self.domain = region.add(
            Apigatewayv2DomainName,
            "api_custom_domain",
            domain_name=region.settings.api_domain,
            domain_name_configuration=Apigatewayv2DomainNameDomainNameConfiguration(
                certificate_arn=certificate_arn, endpoint_type="REGIONAL", security_policy="TLS_1_2"
            ),
        )
        region.add(
            Apigatewayv2ApiMapping, "api_mapping", api_id=api_id, domain_name=self.domain.domain_name, stage=stage_id
        )

    @property
    def alias(self) -> Route53RecordAlias:
        """Where a record must lead for requests to come here."""
        target = self.domain.domain_name_configuration
        return Route53RecordAlias(
            name=target.target_domain_name, zone_id=target.hosted_zone_id, evaluate_target_health=False
        )
