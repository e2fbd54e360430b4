"""Configuration that can change without a deployment: SSM parameters below one path, cached for a while."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.parameters import SSMProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import BotoCoreError, ClientError

from payments.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

AMOUNT_LIMIT = "payments/amount_limit"
APPROVAL_THRESHOLD = "payments/approval_threshold"
FINGERPRINT_KEY = "payments/fingerprint_key"
SESSIONS_TTL = "sessions/ttl_seconds"
MINIMUM_KEY_BYTES = 16
NO_THRESHOLD = "none"
RETRY_SECONDS = 30


class ConfigurationError(Exception):
    """A parameter is missing, or its value is of no use."""


@dataclass(frozen=True, kw_only=True)
class PaymentConfiguration:
    """Amounts in units of the payment's currency, `sessions_ttl` in seconds.

    A payment above `approval_threshold` waits for a person's approval; none does without it.
    """

    amount_limit: Decimal
    approval_threshold: Decimal | None
    sessions_ttl: int
    fingerprint_key: bytes


class Configuration:
    """The parameters below `path`; what was read is used for `max_age` seconds, then read again.

    When SSM cannot be reached then, what was read before goes on being used. `clock` gives seconds.
    """

    def __init__(
        self, *, client: "SSMClient", path: str, max_age: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._provider = SSMProvider(boto3_client=client)
        self._path = path
        self._max_age = max_age
        self._clock = clock
        self._last: PaymentConfiguration | None = None
        self._used_until = 0.0

    def read(self) -> PaymentConfiguration:
        """Raises `ConfigurationError`; Powertools' `GetParameterError` or botocore's errors when SSM never answered."""
        if self._last is None or self._clock() >= self._used_until:
            try:
                self._last = self._read()
                self._used_until = self._clock() + self._max_age
            except (GetParameterError, BotoCoreError, ClientError) as error:
                if self._last is None:
                    raise
                logger.warning("configuration could not be read again", error=type(error).__name__)
                self._used_until = self._clock() + RETRY_SECONDS
        return self._last

    def _read(self) -> PaymentConfiguration:
        values = self._provider.get_parameters_by_name(
            {self._name(key): {} for key in (AMOUNT_LIMIT, APPROVAL_THRESHOLD, FINGERPRINT_KEY, SESSIONS_TTL)},
            decrypt=True,
            max_age=0,
        )
        return PaymentConfiguration(
            amount_limit=self._positive(AMOUNT_LIMIT, str(values[self._name(AMOUNT_LIMIT)])),
            approval_threshold=self._threshold(str(values[self._name(APPROVAL_THRESHOLD)])),
            sessions_ttl=int(self._positive(SESSIONS_TTL, str(values[self._name(SESSIONS_TTL)]))),
            fingerprint_key=self._key(str(values[self._name(FINGERPRINT_KEY)])),
        )

    def check(self) -> None:
        """Asks SSM, not the cache. Raises `ConfigurationError`, or botocore's errors."""
        if self._client.get_parameters(Names=[self._name(AMOUNT_LIMIT)])["InvalidParameters"]:
            raise ConfigurationError(f"{self._name(AMOUNT_LIMIT)} does not exist")

    def _name(self, key: str) -> str:
        return f"{self._path}/{key}"

    def _threshold(self, text: str) -> Decimal | None:
        return None if text == NO_THRESHOLD else self._positive(APPROVAL_THRESHOLD, text)

    def _positive(self, key: str, text: str) -> Decimal:
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or number < 1:
            raise ConfigurationError(f"{self._name(key)} is {text!r}; a number of at least 1 is expected")
        return number

    def _key(self, text: str) -> bytes:
        key = text.encode()
        if len(key) < MINIMUM_KEY_BYTES:
            raise ConfigurationError(f"{self._name(FINGERPRINT_KEY)} has fewer than {MINIMUM_KEY_BYTES} bytes")
        return key
