"""Integrations, routes, stages, authorizers and mappings of an HTTP API, as `children.find_child` looks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tap.account import Account
from tap.adoption.planned import PlannedCreate


def integration(account: Account, create: PlannedCreate) -> str | None:
    """The integration with the same target. API Gateway would take a second one without a word."""
    if (named := create.values_of("api_id", "integration_uri")) is None:
        return None
    api, uri = named
    found = _find(account, "get_integrations", lambda item: item.get("IntegrationUri") == uri, ApiId=api)
    return f"{api}/{found['IntegrationId']}" if found else None


def route(account: Account, create: PlannedCreate) -> str | None:
    """The route with the same key."""
    if (named := create.values_of("api_id", "route_key")) is None:
        return None
    api, key = named
    found = _find(account, "get_routes", lambda item: item["RouteKey"] == key, ApiId=api)
    return f"{api}/{found['RouteId']}" if found else None


def stage(account: Account, create: PlannedCreate) -> str | None:
    """The stage with the same name."""
    if (named := create.values_of("api_id", "name")) is None:
        return None
    api, name = named
    found = _find(account, "get_stages", lambda item: item["StageName"] == name, ApiId=api)
    return f"{api}/{name}" if found else None


def authorizer(account: Account, create: PlannedCreate) -> str | None:
    """The authorizer with the same name."""
    if (named := create.values_of("api_id", "name")) is None:
        return None
    api, name = named
    found = _find(account, "get_authorizers", lambda item: item["Name"] == name, ApiId=api)
    return f"{api}/{found['AuthorizerId']}" if found else None


def api_mapping(account: Account, create: PlannedCreate) -> str | None:
    """The mapping of the domain to the API; there is one for each path."""
    if (named := create.values_of("api_id", "domain_name")) is None:
        return None
    api, domain = named
    found = _find(account, "get_api_mappings", lambda item: item["ApiId"] == api, DomainName=domain)
    return f"{found['ApiMappingId']}/{domain}" if found else None


def _find(account: Account, operation: str, wanted: Callable[[Any], bool], **parameters: str) -> dict[str, Any] | None:
    """The first item that is wanted. Not every operation has a paginator, so the token is passed on here."""
    list_ = getattr(account.client("apigatewayv2"), operation)
    page = list_(**parameters)
    while True:
        for item in page["Items"]:
            if wanted(item):
                return dict(item)
        if not page.get("NextToken"):
            return None
        page = list_(NextToken=page["NextToken"], **parameters)
