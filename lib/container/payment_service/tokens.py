"""Bearer tokens (JWT) of an issuer that the deployment names."""

import json
from collections.abc import Mapping
from functools import cached_property
from http.client import HTTPException
from urllib.request import urlopen

import jwt
from jwt.exceptions import PyJWKClientConnectionError, PyJWTError

from payments.observability import logger

from .authorization import AuthorizationUnavailableError

# Signatures whose key the issuer publishes; one with a shared secret could be made with the published key.
# https://www.rfc-editor.org/rfc/rfc8725#section-3.1
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
CLOCK_SKEW_SECONDS = 30
ISSUER_SECONDS = 2
# As long as the issuer may be away without a payment being refused.
SIGNING_KEYS_SECONDS = 3600


class Tokens:
    """Bearer tokens (JWT), verified with the keys that the issuer's discovery document names, as API Gateway does.

    https://openid.net/specs/openid-connect-discovery-1_0.html
    """

    challenge = "Bearer"

    def __init__(self, *, issuer: str, audience: str) -> None:
        self._issuer = issuer
        self._audience = audience

    def allows(self, headers: Mapping[str, str]) -> bool:
        """Raises `AuthorizationUnavailableError` when the issuer's keys cannot be read."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return False
        try:
            jwt.decode(
                token.strip(),
                self._signing_key(token.strip()),
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": ["exp", "iss", "aud"]},
            )
        except PyJWTError as error:
            logger.warning("token refused", error=type(error).__name__)
            return False
        return True

    def _signing_key(self, token: str) -> jwt.PyJWK:
        """Raises `AuthorizationUnavailableError`, and `PyJWTError` for a token of no key."""
        try:
            return self._signing_keys.get_signing_key_from_jwt(token)
        except (PyJWKClientConnectionError, OSError, HTTPException, ValueError, KeyError) as error:
            logger.warning("the issuer's keys cannot be read", error=type(error).__name__)
            raise AuthorizationUnavailableError from error

    @cached_property
    def _signing_keys(self) -> jwt.PyJWKClient:
        """Kept for an hour; an unknown key makes it ask again, at most twice a minute."""
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        with urlopen(address, timeout=ISSUER_SECONDS) as answer:
            keys = json.load(answer)["jwks_uri"]
        return jwt.PyJWKClient(keys, lifespan=SIGNING_KEYS_SECONDS, timeout=ISSUER_SECONDS)
