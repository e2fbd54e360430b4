"""Repairs of API Gateway's HTTP APIs: custom domain names, tags."""

from hashlib import sha256
from typing import Any

from moto.apigatewayv2.models import DomainName

from local_aws.calls import Call
from local_aws.registry import Output, Plain, installs, patch, repairs


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


@repairs("apigatewayv2", "TagResource", "UntagResource", "GetTags")
def tag_stages_and_domain_names(call: Call, plain: Plain) -> Output:
    """moto knows the tags of APIs and VPC links only."""
    kind, *path = call.params["ResourceArn"].partition("::/")[2].split("/")
    if kind == "domainnames":
        owner = call.backend().get_domain_name(path[0])
    elif "stages" in path:
        owner = call.backend().get_api(path[0]).get_stage(path[2])
    else:
        return plain()
    tags = {**(owner.tags or {}), **call.params.get("Tags", {})}
    owner.tags = {key: value for key, value in tags.items() if key not in call.params.get("TagKeys", [])}
    return {"Tags": owner.tags}
