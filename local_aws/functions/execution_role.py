"""What a function's execution role allows."""

from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, iam_backends

from local_aws.functions.policy import Access, Statement, allows, statements_of


def role_allows(role_arn: str, action: str, resource: str) -> bool:
    """True if the role exists and its policies allow the action on the resource."""
    _, partition, _, _, account, _ = role_arn.split(":", 5)
    backend: IAMBackend = iam_backends[account][partition]
    try:
        role = backend.get_role_by_arn(role_arn)
    except NotFoundException:
        return False
    statements: list[Statement] = []
    for document in role.policies.values():
        statements += statements_of(document)
    for policy in role.managed_policies.values():
        version = next(version for version in policy.versions if version.is_default)
        statements += statements_of(version.document)
    return allows(statements, Access(action, resource))
