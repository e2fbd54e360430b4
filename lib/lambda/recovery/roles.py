"""The roles of both Regions: the other one's is taken away before this one's is given."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from payments.observability import logger
from payments.region_role import KNOWN_SECONDS, Role
from payments.switches import TRUSTED_SECONDS
from recovery.aws import is_unreachable
from recovery.inputs import Answer

# The longest that a payment goes on that was begun: the function's time.
PAYMENT_SECONDS = 30.0


class FenceError(Exception):
    """The other Region's role could not be changed: it may go on taking payments."""


class Roles:
    """The roles in SSM, under the same name in each Region. `ssm_in` gives a Region's client."""

    def __init__(
        self,
        *,
        ssm_in: Callable[[str], Any],
        parameter: str,
        here: str,
        there: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ssm_in = ssm_in
        self._parameter = parameter
        self._here = here
        self._there = there
        self._now = now

    def own(self) -> str:
        """Raises botocore's errors."""
        return str(self._read(self._here)["Value"])

    def other(self) -> str | None:
        """None where the other Region cannot be reached. Raises botocore's errors."""
        try:
            return str(self._read(self._there)["Value"])
        except (BotoCoreError, ClientError) as error:
            if not is_unreachable(error):
                raise
            logger.warning("the other Region cannot be reached", error=type(error).__name__)
            return None

    def fence(self, *, allow_unreachable: bool) -> Answer:
        """Makes the other Region the secondary, and says for how long it may go on with what it has begun.

        A Region that cannot be reached may not see SSM either: it takes payments for as long as it trusts the role that
        it knows. Raises `FenceError`.
        """
        try:
            found = self._read(self._there)
            if found["Value"] == Role.SECONDARY:
                elapsed = max((self._now() - found["LastModifiedDate"]).total_seconds(), 0.0)
                return {"fenced": True, "wait_seconds": _whole(TRUSTED_SECONDS + PAYMENT_SECONDS - elapsed)}
            self._write(self._there, Role.SECONDARY)
        except (BotoCoreError, ClientError) as error:
            if not (is_unreachable(error) and allow_unreachable):
                raise FenceError(f"{self._there} could not be told: {type(error).__name__}") from error
            logger.warning("the other Region could not be fenced", error=type(error).__name__)
            return {"fenced": False, "wait_seconds": _whole(KNOWN_SECONDS + PAYMENT_SECONDS)}
        return {"fenced": True, "wait_seconds": _whole(TRUSTED_SECONDS + PAYMENT_SECONDS)}

    def unfence(self) -> Answer:
        """Makes the other Region the primary again, after a promotion that failed. Raises `FenceError`."""
        try:
            self._write(self._there, Role.PRIMARY)
        except (BotoCoreError, ClientError) as error:
            raise FenceError(f"{self._there} could not be told: {type(error).__name__}") from error
        return {"unfenced": True}

    def take(self) -> Answer:
        """Makes this Region the primary. Raises botocore's errors."""
        self._write(self._here, Role.PRIMARY)
        return {"role": Role.PRIMARY.value}

    def _read(self, region: str) -> Any:
        return self._ssm_in(region).get_parameter(Name=self._parameter)["Parameter"]

    def _write(self, region: str, role: Role) -> None:
        self._ssm_in(region).put_parameter(Name=self._parameter, Value=role.value, Type="String", Overwrite=True)


def _whole(seconds: float) -> int:
    return max(round(seconds), 0)
