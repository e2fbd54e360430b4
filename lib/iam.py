"""Typed policy statements, and the role that a workload assumes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment

from lib.region import Region

POLICY_VERSION = "2012-10-17"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy: named actions on named ARNs.

    `principals` maps a principal type (`Service`, `AWS`) to its members and is for resource policies only.
    """

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    effect: str = "Allow"
    principals: Mapping[str, Sequence[str]] = field(default_factory=dict)
    conditions: Mapping[str, Mapping[str, str | Sequence[str]]] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Return the statement in IAM's own form."""
        statement: dict[str, object] = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        if self.principals:
            statement["Principal"] = {kind: list(members) for kind, members in self.principals.items()}
        if self.conditions:
            statement["Condition"] = {operator: dict(test) for operator, test in self.conditions.items()}
        return statement


def policy_document(*statements: Statement) -> str:
    """Return the JSON of a policy."""
    return json.dumps({"Version": POLICY_VERSION, "Statement": [statement.to_json() for statement in statements]})


def service_role(region: Region, id_: str, *, name: str, service: str, of_account: str | None = None) -> IamRole:
    """Return a role that one AWS service assumes, with no permission yet.

    `of_account` is the account that the service must act for, where the service says so.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": service},
    }
    if of_account:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": of_account}}
    return region.add(
        IamRole,
        id_,
        name=name,
        assume_role_policy=json.dumps({"Version": POLICY_VERSION, "Statement": [statement]}),
        force_detach_policies=True,
    )


def attach_policy(
    region: Region, id_: str, *, role: IamRole, name: str, statements: Sequence[Statement]
) -> IamRolePolicyAttachment:
    """Give a role one policy for one concern."""
    policy = region.add(IamPolicy, id_, name=name, policy=policy_document(*statements))
    return region.add(IamRolePolicyAttachment, f"{id_}_attachment", role=role.name, policy_arn=policy.arn)
