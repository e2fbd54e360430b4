"""What lets callers of the payment service in: a key that they share, or the tokens of an issuer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.encryption import Key, Replica
from lib.generated_secret import GeneratedSecret, read_secret
from lib.iam import Statement
from lib.region import Region


@dataclass(frozen=True, kw_only=True)
class SharedKey:
    """The secret with the key, as one Region has it, and the statements that let a role read it."""

    secret_arn: str
    access: Sequence[Statement]


def shared_key(region: Region, *, key: Key, replica: Replica | None = None) -> list[SharedKey]:
    """Make the key; return it as the Region has it and, with a replica, as the other Region has it.

    The service takes the version before the present one too.
    """
    secret = GeneratedSecret(
        region,
        "api_key",
        description="Key of the payment API's callers",
        key=key,
        version=region.settings.api_key_version,
        replica=replica,
    )
    found = [_as_read(secret.arn, key)]
    return [*found, _as_read(secret.arn_in(replica.region), replica.key)] if replica else found


def _as_read(arn: str, key: Key) -> SharedKey:
    return SharedKey(secret_arn=arn, access=read_secret(arn, key, "ApiKey"))


def callers_environment(region: Region, key: SharedKey | None) -> dict[str, str]:
    """Return the variables that tell the service whom to let in: whoever has the key, else a token of the issuer."""
    if key:
        return {"API_KEY_SECRET_ARN": key.secret_arn}
    settings = region.settings
    return {"API_JWT_ISSUER": str(settings.api_jwt_issuer), "API_JWT_AUDIENCE": str(settings.api_jwt_audience)}
