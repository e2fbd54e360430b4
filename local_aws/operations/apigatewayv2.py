"""API Gateway's HTTP APIs: updates of stages, domain names and mappings."""

import json
from typing import Any

from moto.apigatewayv2.models import DomainName, Stage

from local_aws.calls import Answer, Call
from local_aws.registry import Output, operation


def _changes(call: Call) -> dict[str, Any]:
    changes: dict[str, Any] = json.loads(call.request.data)
    return changes


@operation("apigatewayv2", "UpdateStage")
def update_stage(call: Call) -> Output:
    """A stage made anew from what it was and what changes."""
    api = call.backend().get_api(call.params["ApiId"])
    stage = api.get_stage(call.params["StageName"])
    updated = Stage(api=api, config={**stage.to_json(), **_changes(call)})
    vars(stage).update({name: value for name, value in vars(updated).items() if name != "created"})
    return _shown(call, stage)


@operation("apigatewayv2", "UpdateDomainName")
def update_domain_name(call: Call) -> Output:
    """A domain name made anew from what it was and what changes."""
    backend = call.backend()
    domain, changes = backend.get_domain_name(call.params["DomainName"]), _changes(call)
    configurations = changes.get("domainNameConfigurations", domain.domain_name_configurations)
    mutual_tls = changes.get("mutualTlsAuthentication", domain.mutual_tls_authentication)
    updated = DomainName(domain.domain_name, configurations, mutual_tls, domain.tags, backend)
    vars(domain).update(vars(updated))
    return _shown(call, domain)


@operation("apigatewayv2", "UpdateApiMapping")
def update_api_mapping(call: Call) -> Output:
    """A mapping to another API, stage or key."""
    mapping = call.backend().get_api_mapping(call.params["ApiMappingId"], call.params["DomainName"])
    for name, attribute in {"ApiId": "api_id", "Stage": "stage", "ApiMappingKey": "api_mapping_key"}.items():
        setattr(mapping, attribute, call.params.get(name, getattr(mapping, attribute)))
    return _shown(call, mapping)


def _shown(call: Call, thing: Any) -> Output:
    """What moto shows of a thing, named as in the service model."""
    return call.read(Answer(200, {}, json.dumps(thing.to_json()).encode()))
