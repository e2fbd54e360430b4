"""Aliases, permissions, mappings and URLs of an environment's functions, as `children.find_child` looks for them."""

from __future__ import annotations

import json

from tap.account import Account
from tap.adoption.planned import PlannedCreate


def alias(account: Account, create: PlannedCreate) -> str | None:
    """The alias of the function."""
    if (named := create.values_of("function_name", "name")) is None:
        return None
    function, name = named
    account.client("lambda").get_alias(FunctionName=function, Name=name)
    return f"{function}/{name}"


def permission(account: Account, create: PlannedCreate) -> str | None:
    """A statement of the policy of the function, or of its alias."""
    if (named := create.values_of("function_name", "statement_id")) is None:
        return None
    function, statement = named
    qualifier = create.value("qualifier")
    chosen = {"Qualifier": qualifier} if qualifier else {}
    policy = json.loads(account.client("lambda").get_policy(FunctionName=function, **chosen)["Policy"])
    if not any(each.get("Sid") == statement for each in policy["Statement"]):
        return None
    return f"{function}:{qualifier}/{statement}" if qualifier else f"{function}/{statement}"


def event_source_mapping(account: Account, create: PlannedCreate) -> str | None:
    """The mapping from the source to the function; Lambda takes no second one."""
    if (named := create.values_of("function_name", "event_source_arn")) is None:
        return None
    function, source = named
    pages = account.client("lambda").get_paginator("list_event_source_mappings")
    for page in pages.paginate(FunctionName=function, EventSourceArn=source):
        for mapping in page["EventSourceMappings"]:
            return str(mapping["UUID"])
    return None


def function_url(account: Account, create: PlannedCreate) -> str | None:
    """The URL of the function, or of its alias."""
    if (function := create.value("function_name")) is None:
        return None
    qualifier = create.value("qualifier")
    chosen = {"Qualifier": qualifier} if qualifier else {}
    account.client("lambda").get_function_url_config(FunctionName=function, **chosen)
    return f"{function}/{qualifier}" if qualifier else function
