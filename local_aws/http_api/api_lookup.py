"""Finds the HTTP API and stage, or the function, that a host name and path reach."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from moto.apigatewayv2.models import Api, ApiGatewayV2Backend, Stage, apigatewayv2_backends
from moto.awslambda.models import LambdaFunction
from moto.awslambda.utils import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from local_aws.http_api.failover import leads_to

API_HOST = re.compile(r"(?P<id>[a-z0-9]+)\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")
URL_HOST = re.compile(r"[a-z0-9]+\.lambda-url\.(?P<region>[a-z0-9-]+)\.on\.aws")
DEFAULT = "$default"


@dataclass(frozen=True)
class Reached:
    """A stage of an API. `path` is what is left of the request's path for its routes."""

    api: Api
    stage: Stage
    account: str
    region: str
    path: str


def is_api_host(host: str) -> bool:
    """True for hosts of the data plane: execute-api endpoints and custom domains of APIs."""
    return bool(API_HOST.fullmatch(host)) or any(host in backend.domain_names for _, _, backend in _backends())


def reached_stage(host: str, path: str) -> Reached | None:
    """The stage that a request reaches by its API's own endpoint or by a custom domain, if there is one."""
    endpoint = API_HOST.fullmatch(host)
    for account, region, backend in _backends():
        if endpoint and region == endpoint["region"] and endpoint["id"] in backend.apis:
            api = backend.apis[endpoint["id"]]
            return None if api.disable_execute_api_endpoint else _by_path(api, account, region, path)
    found = _serving(host)
    if found is None:
        return None
    account, region, backend = found
    return _by_mapping(backend, host, account, region, path)


def function_at(host: str) -> LambdaFunction | None:
    """The function that has this host in its URL."""
    url = URL_HOST.fullmatch(host)
    if not url:
        return None
    for account in {DEFAULT_ACCOUNT_ID, *(account for account, _, _ in _backends())}:
        for function in get_backend(account, url["region"]).list_functions():
            if function.url_config and urlsplit(function.url_config.url).hostname == host:
                return function
    return None


def _serving(host: str) -> tuple[str, str, ApiGatewayV2Backend] | None:
    """Whose custom domain a name is; where several Regions have it, as DNS leads there, or else the first."""
    found = [entry for entry in _backends() if host in entry[2].domain_names]
    if len(found) < 2:
        return found[0] if found else None
    targets = {region: _regional_name(backend, host) for _, region, backend in found}
    chosen = leads_to(found[0][0], host, targets)
    return next((entry for entry in found if entry[1] == chosen), found[0])


def _regional_name(backend: ApiGatewayV2Backend, host: str) -> str:
    return backend.domain_names[host].domain_name_configurations[0]["apiGatewayDomainName"]


def _by_path(api: Api, account: str, region: str, path: str) -> Reached | None:
    first, _, rest = path.removeprefix("/").partition("/")
    if first in api.stages and first != DEFAULT:
        return Reached(api, api.stages[first], account, region, f"/{rest}")
    stage = api.stages.get(DEFAULT)
    return Reached(api, stage, account, region, path) if stage else None


def _by_mapping(backend: ApiGatewayV2Backend, host: str, account: str, region: str, path: str) -> Reached | None:
    """By the longest mapping key that the path starts with."""
    mappings = sorted(backend.get_api_mappings(host), key=lambda mapping: len(mapping.api_mapping_key), reverse=True)
    for mapping in mappings:
        prefix = f"/{mapping.api_mapping_key}" if mapping.api_mapping_key else ""
        if path == prefix or path.startswith(f"{prefix}/"):
            api = backend.apis.get(mapping.api_id)
            stage = api.stages.get(mapping.stage) if api else None
            return Reached(api, stage, account, region, path[len(prefix) :] or "/") if api and stage else None
    return None


def _backends() -> list[tuple[str, str, ApiGatewayV2Backend]]:
    return [
        (account, region, backend)
        for account, backends in list(apigatewayv2_backends.items())
        for region, backend in list(backends.items())
    ]
