"""The key that callers of the payment service share, where they have no tokens."""

from __future__ import annotations

from lib.encryption import Key, Replica
from lib.generated_secret import GeneratedSecret
from lib.region import Region


def api_key(region: Region, *, key: Key, replica: Replica | None = None) -> GeneratedSecret:
    """Return the secret of the key. The service takes the version before the present one too."""
    return GeneratedSecret(
        region,
        "api_key",
        description="Key of the payment API's callers",
        key=key,
        version=region.settings.api_key_version,
        replica=replica,
    )
