"""Who has signed a request, by the access keys that this local AWS knows, and what they may do."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.access_control import create_access_key
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from local_aws.functions.policy import Access, Statement, allows, statements_of
from local_aws.http_api.signature import Secret, SignedRequest, verified_access_key
from local_aws.server import LocalAws

PARTITION = "aws"


@dataclass(frozen=True)
class Caller:
    """An IAM principal. `statements` are its identity policies; None is an administrator."""

    access_key: str
    account: str
    arn: str
    user_id: str
    statements: list[Statement] | None = field(default=None, repr=False)

    def may(self, action: str, resource: str) -> bool:
        """True if the identity policies allow the action on the resource."""
        return self.statements is None or allows(self.statements, Access(action, resource))


def authenticate(request: SignedRequest, service: str, region: str) -> Caller | None:
    """The caller that validly signed the request for this service and Region, or None."""
    now = datetime.now(UTC)
    return identified(lambda secret_of: verified_access_key(request, service, region, secret_of, now))


def identified(verify: Callable[[Callable[[str], Secret | None]], str | None]) -> Caller | None:
    """The caller whose access key `verify` finds to have signed, or None. It is given how to look up keys' secrets."""
    known = _known_callers()

    def secret_of(access_key: str) -> Secret | None:
        return known[access_key][0] if access_key in known else None

    key = verify(secret_of)
    return _with_policies(known[key][1], known[key][0]) if key else None


def _known_callers() -> dict[str, tuple[Secret, Caller]]:
    """All access keys, with their secrets and owners: the local AWS's own, those of users, of assumed roles."""
    own = LocalAws(Path(), 0, os.getpid()).environment()
    root = Caller(
        own["AWS_ACCESS_KEY_ID"],
        DEFAULT_ACCOUNT_ID,
        f"arn:{PARTITION}:iam::{DEFAULT_ACCOUNT_ID}:root",
        DEFAULT_ACCOUNT_ID,
    )
    known = {root.access_key: (Secret(own["AWS_SECRET_ACCESS_KEY"]), root)}
    for account in list(iam_backends):
        for user in iam_backends[account][PARTITION].list_users("/", None, None):
            for key in user.access_keys:
                if key.status == "Active":
                    owner = Caller(key.access_key_id, account, user.arn, user.id, [])
                    known[key.access_key_id] = (Secret(key.secret_access_key), owner)
    for account in list(sts_backends):
        for role in sts_backends[account][PARTITION].assumed_roles:
            assumed = Caller(role.access_key_id, account, role.arn, role.user_id, [])
            known[role.access_key_id] = (Secret(role.secret_access_key, role.session_token), assumed)
    return known


def _with_policies(caller: Caller, secret: Secret) -> Caller:
    if caller.statements is None:
        return caller
    headers = {"X-Amz-Security-Token": secret.token} if secret.token else {}
    statements: list[Statement] = []
    for policy in create_access_key(caller.account, PARTITION, caller.access_key, headers).collect_policies():
        statements += statements_of(_document(policy))
    return Caller(caller.access_key, caller.account, caller.arn, caller.user_id, statements)


def _document(policy: object) -> str:
    """The document of a policy in the forms in which moto holds one: text, inline, managed."""
    if isinstance(policy, str):
        return policy
    if isinstance(policy, dict):
        return str(policy["policy_document"])
    return str(next(version for version in getattr(policy, "versions", []) if version.is_default).document)
