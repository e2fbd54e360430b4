"""What a role allows, and whom it trusts."""

from collections.abc import Mapping

from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, Role, iam_backends

from local_aws.functions.policy import Access, Statement, allows, statements_of

ASSUME = "sts:AssumeRole"


def role_allows(role_arn: str, action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
    """True if the role exists and its policies allow the action on the resource; `context` are condition keys."""
    role = _role(role_arn)
    if role is None:
        return False
    statements: list[Statement] = []
    for document in role.policies.values():
        statements += statements_of(document)
    for policy in role.managed_policies.values():
        version = next(version for version in policy.versions if version.is_default)
        statements += statements_of(version.document)
    return allows(statements, Access(action, resource, context=context or {}))


def role_trusts(role_arn: str, service: str, source_arn: str = "") -> bool:
    """True if the role exists and lets the service assume it, for this source if its trust policy names one."""
    role = _role(role_arn)
    if role is None:
        return False
    context = {"aws:sourceaccount": role_arn.split(":")[4]} | ({"aws:sourcearn": source_arn} if source_arn else {})
    # A trust policy has no resource: it is about its own role.
    statements = [{"Resource": "*", **statement} for statement in statements_of(role.assume_role_policy_document)]
    return allows(statements, Access(ASSUME, role_arn, service, context), resource_policy=True)


def _role(role_arn: str) -> Role | None:
    _, partition, _, _, account, _ = role_arn.split(":", 5)
    backend: IAMBackend = iam_backends[account][partition]
    try:
        return backend.get_role_by_arn(role_arn)
    except NotFoundException:
        return None
