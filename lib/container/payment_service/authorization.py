"""Who may call: whoever has a token of the issuer, or the shared key. The load balancer in front asks nobody.

Signature Version 4, which API Gateway checks, can be verified by AWS alone; a load balancer passes requests on.
"""

import hmac
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from payments.credentials import CURRENT, PREVIOUS
from payments.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

KEY_HEADER = "x-api-key"
MINIMUM_KEY_CHARACTERS = 32
RETRY_SECONDS = 30.0


class AuthorizationUnavailableError(Exception):
    """It cannot be said now who calls; the same request may be sent again."""


class Authorizer(Protocol):
    """Tells by a request's headers, which have lower-case names, whether it may be answered.

    `challenge` names the scheme to callers that are not let in (`WWW-Authenticate`).
    """

    @property
    def challenge(self) -> str: ...

    def allows(self, headers: Mapping[str, str]) -> bool: ...


class SharedKey:
    """The key in a secret, which callers send in the header `x-api-key`.

    The version before it is taken too, so that a rotation breaks nobody: put the new key, tell the callers, and once
    all have it put it again. What was read is used for `max_age` seconds, and on when the secret cannot be read.
    """

    challenge = "ApiKey"

    def __init__(
        self,
        *,
        client: "SecretsManagerClient",
        secret_arn: str,
        max_age: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._secret_arn = secret_arn
        self._max_age = max_age
        self._clock = clock
        self._keys: list[bytes] = []
        self._read_at = float("-inf")

    def allows(self, headers: Mapping[str, str]) -> bool:
        """Raises `AuthorizationUnavailableError` when the secret was never read."""
        given = headers.get(KEY_HEADER, "").encode()
        if not given:
            return False
        if self._age() >= self._max_age:
            self._read()
        if self._known(given):
            return True
        # It may be newer than what was read.
        if self._age() < RETRY_SECONDS:
            return False
        self._read()
        return self._known(given)

    def _age(self) -> float:
        return self._clock() - self._read_at

    def _known(self, given: bytes) -> bool:
        return any(hmac.compare_digest(given, key) for key in self._keys)

    def _read(self) -> None:
        try:
            keys = [self._version(stage) for stage in (CURRENT, PREVIOUS)]
        except (BotoCoreError, ClientError) as error:
            logger.warning("the API key cannot be read", error=type(error).__name__)
            if not self._keys:
                raise AuthorizationUnavailableError from error
        else:
            self._keys = [key for key in keys if key]
        self._read_at = self._clock()

    def _version(self, stage: str) -> bytes:
        """The key of this version; empty where there is none, or one that could be guessed."""
        try:
            key = self._client.get_secret_value(SecretId=self._secret_arn, VersionStage=stage)["SecretString"]
        except ClientError as error:
            if stage == PREVIOUS and error.response["Error"]["Code"] == "ResourceNotFoundException":
                return b""
            raise
        if len(key) < MINIMUM_KEY_CHARACTERS:
            logger.error("the API key is too short and not used", stage=stage)
            return b""
        return key.encode()
