"""Who may log in to the ledger by IAM names the cluster by its resource id, which a restored one has anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tap.recovery.procedure import Tell
from tap.recovery.site import Site

Statement = dict[str, Any]
LOGIN = "rds-db:connect"


def policy_name(recovery: str) -> str:
    """The inline policy that a recovery adds."""
    return f"recovery-{recovery}"


def let_log_in(site: Site, old_id: str, new_id: str, recovery: str, tell: Tell) -> dict[str, Any]:
    """Lets each role that may log in to the cluster `old_id` log in to `new_id` too, until the next deploy does.

    An inline policy of its own: what the deployment has set stays as it is. Raises botocore's errors.
    """
    iam, granted = site.client("iam"), []
    for role in _roles(site):
        statements = [one for one in _statements(iam, role) if _names(one, old_id)]
        if not statements:
            continue
        document = json.dumps(
            {"Version": "2012-10-17", "Statement": [_moved(one, old_id, new_id) for one in statements]}
        )
        iam.put_role_policy(RoleName=role, PolicyName=policy_name(recovery), PolicyDocument=document)
        granted.append(role)
    if granted:
        tell(f"{', '.join(granted)} may log in to {new_id} too")
    return {"roles": granted}


def forbid_again(site: Site, recovery: str) -> list[str]:
    """Takes the inline policies of a recovery away; from which roles."""
    iam, taken = site.client("iam"), []
    for role in _roles(site):
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        if policy_name(recovery) in names:
            iam.delete_role_policy(RoleName=role, PolicyName=policy_name(recovery))
            taken.append(role)
    return taken


def _roles(site: Site) -> Iterator[str]:
    """The environment's roles, by their names."""
    for page in site.client("iam").get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name = str(role["RoleName"])
            if name.startswith("payment-") and name.endswith(f"-{site.suffix}"):
                yield name


def _statements(iam: Any, role: str) -> Iterator[Statement]:
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        if ":aws:policy/" in attached["PolicyArn"]:
            continue
        version = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId=version)["PolicyVersion"][
            "Document"
        ]
        yield from (json.loads(document) if isinstance(document, str) else document)["Statement"]


def _names(statement: Statement, resource_id: str) -> bool:
    return LOGIN in _many(statement.get("Action", [])) and any(
        f":dbuser:{resource_id}/" in one for one in _many(statement.get("Resource", []))
    )


def _moved(statement: Statement, old_id: str, new_id: str) -> Statement:
    resources = [one.replace(f":{old_id}/", f":{new_id}/") for one in _many(statement["Resource"])]
    return {"Effect": "Allow", "Action": [LOGIN], "Resource": resources}


def _many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
