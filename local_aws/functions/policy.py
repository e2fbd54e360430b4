"""Decides by IAM policy statements, as far as services that call each other need it.

How AWS evaluates: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html.
A condition that is not known here is never met, so that what is granted here is granted in AWS.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Access:
    """Who wants to do what: `service` is set for an AWS service, else the caller is an IAM principal.

    Keys of `context` are condition keys in lower case.
    """

    action: str
    resource: str
    service: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)


def service_access(action: str, resource: str, service: str, source_arn: str, account: str) -> Access:
    """An AWS service acting for one of its resources."""
    return Access(action, resource, service, {"aws:sourcearn": source_arn, "aws:sourceaccount": account})


def allows(statements: Iterable[Statement], access: Access, *, resource_policy: bool = False) -> bool:
    """True if a statement grants the access and none denies it."""
    effects = {
        statement.get("Effect")
        for statement in statements
        if _concerns(statement, access) and (not resource_policy or _is_principal(statement, access))
    }
    return "Allow" in effects and "Deny" not in effects


def statements_of(document: str | Mapping[str, Any] | None) -> list[Statement]:
    """The statements of a policy document, given as JSON or read; none for no document."""
    if not document:
        return []
    policy = json.loads(document) if isinstance(document, str) else document
    return _listed(policy.get("Statement", []))


def _concerns(statement: Statement, access: Access) -> bool:
    action = _any_like(statement.get("Action"), access.action.lower(), lower=True)
    if "NotAction" in statement:
        action = not _any_like(statement["NotAction"], access.action.lower(), lower=True)
    resource = _any_like(statement.get("Resource"), access.resource)
    if "NotResource" in statement:
        resource = not _any_like(statement["NotResource"], access.resource)
    return action and resource and _conditions_met(statement.get("Condition") or {}, access.context)


def _is_principal(statement: Statement, access: Access) -> bool:
    principal = statement.get("Principal")
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    if access.service:
        return access.service in _listed(principal.get("Service"))
    return "*" in _listed(principal.get("AWS"))


def _conditions_met(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    return all(
        _condition_met(operator, _listed(expected), context.get(key.lower()))
        for operator, keys in conditions.items()
        for key, expected in keys.items()
    )


def _condition_met(operator: str, expected: list[Any], actual: str | None) -> bool:
    if actual is None:
        return False
    match operator:
        case "StringEquals":
            return actual in expected
        case "StringLike":
            return any(_like(pattern, actual) for pattern in expected)
        case "ArnLike" | "ArnEquals":
            return any(_arn_like(pattern, actual) for pattern in expected)
    return False


def _arn_like(pattern: str, arn: str) -> bool:
    """Compares the six parts of an ARN one by one, as wildcards do not reach over colons there."""
    parts = list(zip(pattern.split(":", 5), arn.split(":", 5), strict=False))
    return pattern == "*" or (len(parts) == 6 and all(_like(wanted, part) for wanted, part in parts))


def _any_like(patterns: Any, text: str, *, lower: bool = False) -> bool:
    return any(_like(pattern.lower() if lower else pattern, text) for pattern in _listed(patterns))


def _like(pattern: str, text: str) -> bool:
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text, re.DOTALL))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
