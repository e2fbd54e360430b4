"""The certificate of the API's own name, in each Region that serves it."""

from __future__ import annotations

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.acm_certificate import AcmCertificate
from cdktf_cdktf_provider_aws.acm_certificate_validation import AcmCertificateValidation
from cdktf_cdktf_provider_aws.route53_record import Route53Record

from lib.region import Region

RECORD_TTL_SECONDS = 60


class Certificate:
    """A certificate for `api.{zone}`, with `arn` once it is issued. ACM asks for the same proof in every Region, which
    one record gives: `proof` is the record of the first one.

    https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
    """

    def __init__(
        self,
        region: Region,
        *,
        zone_id: str,
        delegation: ITerraformDependable,
        proof: Route53Record | None = None,
    ) -> None:
        """ACM looks the proof up in public DNS, so the `delegation` of the zone must be there first."""
        self._region = region
        self.certificate = region.add(
            AcmCertificate,
            "api_certificate",
            domain_name=region.settings.api_domain,
            validation_method="DNS",
            lifecycle={"create_before_destroy": True},
        )
        self.proof = proof or self._prove(zone_id)
        validation = region.add(
            AcmCertificateValidation,
            "api_certificate_validation",
            certificate_arn=self.certificate.arn,
            validation_record_fqdns=[self.proof.fqdn],
            depends_on=[delegation],
        )
        self.arn = validation.certificate_arn

    def _prove(self, zone_id: str) -> Route53Record:
        proof = self.certificate.domain_validation_options.get(0)
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
