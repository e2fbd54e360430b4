"""TLS under the API's own name: certificate and custom domain, in each Region that serves the API."""

from __future__ import annotations

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.acm_certificate import AcmCertificate
from cdktf_cdktf_provider_aws.acm_certificate_validation import AcmCertificateValidation
from cdktf_cdktf_provider_aws.apigatewayv2_api_mapping import Apigatewayv2ApiMapping
from cdktf_cdktf_provider_aws.apigatewayv2_domain_name import (
    Apigatewayv2DomainName,
    Apigatewayv2DomainNameDomainNameConfiguration,
)
from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias

from lib.region import Region

RECORD_TTL_SECONDS = 60


class CustomDomain:
    """`api.{zone}` as the API's custom domain. ACM asks for the same proof in every Region, which one record gives:
    `proof` is the record of the first one.

    https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
    """

    def __init__(
        self,
        region: Region,
        *,
        zone_id: str,
        delegation: ITerraformDependable,
        api_id: str,
        stage_id: str,
        proof: Route53Record | None = None,
    ) -> None:
        self._region = region
        certificate = region.add(
            AcmCertificate,
            "api_certificate",
            domain_name=region.settings.api_domain,
            validation_method="DNS",
            lifecycle={"create_before_destroy": True},
        )
        self.proof = proof or self._prove(certificate, zone_id)
        validation = region.add(
            AcmCertificateValidation,
            "api_certificate_validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[self.proof.fqdn],
            depends_on=[delegation],
        )
        self.domain = region.add(
            Apigatewayv2DomainName,
            "api_custom_domain",
            domain_name=region.settings.api_domain,
            domain_name_configuration=Apigatewayv2DomainNameDomainNameConfiguration(
                certificate_arn=validation.certificate_arn, endpoint_type="REGIONAL", security_policy="TLS_1_2"
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

    def _prove(self, certificate: AcmCertificate, zone_id: str) -> Route53Record:
        proof = certificate.domain_validation_options.get(0)
        return self._region.add(
            Route53Record,
            "api_certificate_record",
            zone_id=zone_id,
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            ttl=RECORD_TTL_SECONDS,
            records=[proof.resource_record_value],
            allow_overwrite=True,
        )
