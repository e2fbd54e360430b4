"""Public DNS and TLS for a domain that is owned: delegation, certificate and the API's own name."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.acm_certificate import AcmCertificate
from cdktf_cdktf_provider_aws.acm_certificate_validation import AcmCertificateValidation
from cdktf_cdktf_provider_aws.apigatewayv2_api_mapping import Apigatewayv2ApiMapping
from cdktf_cdktf_provider_aws.apigatewayv2_domain_name import (
    Apigatewayv2DomainName,
    Apigatewayv2DomainNameDomainNameConfiguration,
)
from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone
from constructs import Construct

from lib.settings import Settings

RECORD_TTL_SECONDS = 60


class PublicZone:
    """A zone delegated from the owned domain, and `api.{zone}` as the API's custom domain."""

    def __init__(self, scope: Construct, *, settings: Settings, api_id: str, stage_id: str) -> None:
        self._scope = scope
        self._settings = settings
        self.zone = Route53Zone(
            scope,
            "zone",
            name=settings.zone_name,
            comment=f"Payment environment {settings.environment_suffix}",
            force_destroy=not settings.protected,
        )
        self.delegation = Route53Record(
            scope,
            "zone_delegation",
            zone_id=str(settings.parent_zone_id),
            name=settings.zone_name,
            type="NS",
            ttl=RECORD_TTL_SECONDS,
            records=self.zone.name_servers,
        )
        domain = self._custom_domain(self._certificate())
        Apigatewayv2ApiMapping(scope, "api_mapping", api_id=api_id, domain_name=domain.domain_name, stage=stage_id)
        target = domain.domain_name_configuration
        self.record = Route53Record(
            scope,
            "api_record",
            zone_id=self.zone.zone_id,
            name=settings.api_domain,
            type="A",
            alias=Route53RecordAlias(
                name=target.target_domain_name, zone_id=target.hosted_zone_id, evaluate_target_health=False
            ),
        )
        self.api_url = f"https://{settings.api_domain}"

    def outputs(self) -> dict[str, str]:
        return {"zone_id": self.zone.zone_id, "api_domain": self.record.name, "api_url": self.api_url}

    def _certificate(self) -> AcmCertificateValidation:
        certificate = AcmCertificate(
            self._scope,
            "api_certificate",
            domain_name=self._settings.api_domain,
            validation_method="DNS",
            lifecycle={"create_before_destroy": True},
        )
        proof = certificate.domain_validation_options.get(0)
        record = Route53Record(
            self._scope,
            "api_certificate_record",
            zone_id=self.zone.zone_id,
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            ttl=RECORD_TTL_SECONDS,
            records=[proof.resource_record_value],
            allow_overwrite=True,
        )
        return AcmCertificateValidation(
            self._scope,
            "api_certificate_validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            depends_on=[self.delegation],
        )

    def _custom_domain(self, certificate: AcmCertificateValidation) -> Apigatewayv2DomainName:
        return Apigatewayv2DomainName(
            self._scope,
            "api_custom_domain",
            domain_name=self._settings.api_domain,
            domain_name_configuration=Apigatewayv2DomainNameDomainNameConfiguration(
                certificate_arn=certificate.certificate_arn, endpoint_type="REGIONAL", security_policy="TLS_1_2"
            ),
        )
