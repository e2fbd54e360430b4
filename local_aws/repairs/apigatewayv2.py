"""Repairs of API Gateway's HTTP APIs: custom domain names."""

from hashlib import sha256
from typing import Any

from moto.apigatewayv2.models import DomainName

from local_aws.registry import installs, patch


@installs
def make_domain_names_available() -> None:
    """moto's domain names never become available and have no target for an alias record."""
    plain_init, plain_json = DomainName.__init__, DomainName.to_json

    def __init__(domain: Any, *positional: Any, **named: Any) -> None:  # noqa: N807
        plain_init(domain, *positional, **named)
        region = domain.domain_name_arn.split(":")[3]
        target = sha256(domain.domain_name.encode()).hexdigest()[:10]
        for configuration in domain.domain_name_configurations:
            configuration.update(
                apiGatewayDomainName=f"d-{target}.execute-api.{region}.amazonaws.com",
                domainNameStatus="AVAILABLE",
                hostedZoneId=f"Z{sha256(region.encode()).hexdigest()[:13].upper()}",
                ipAddressType=configuration.get("ipAddressType", "ipv4"),
            )

    def to_json(domain: Any) -> dict[str, Any]:
        shown: dict[str, Any] = plain_json(domain)
        return {name: value for name, value in shown.items() if value or name == "tags"}

    patch(DomainName, __init__=__init__, to_json=to_json)
