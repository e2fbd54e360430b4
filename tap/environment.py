"""One deployed environment as an operator's tools reach it: by its suffix, through its SSM parameters."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from boto3 import Session
from botocore.config import Config

from lib.settings import load_settings
from local_aws.server import LocalAws
from tap.payment_client import PaymentClient
from tap.toolchain import ROOT

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

LOCAL_AWS_DIRECTORY = ROOT / ".build" / "local_aws"
API_ENDPOINT = "api/endpoint"
SESSIONS_TABLE = "sessions/table"
EVENT_BUS = "events/bus"
# A command waits for a call for a minute and a half at most: 3 tries of 4 s to connect, 25 s to read, and back-off.
# Reading has to outlast SQS's long polling.
CALL_LIMITS = Config(
    connect_timeout=4, read_timeout=25, retries={"mode": "standard", "total_max_attempts": 3}, user_agent_extra="tap"
)


class EnvironmentNotFoundError(RuntimeError):
    """No such environment is deployed where it was looked for, or it lacks what was asked of it."""


class Environment:
    """Clients, names and parameters of the environment `suffix` in the account and Region of `session`."""

    def __init__(self, suffix: str, session: Session, *, endpoint_url: str | None = None) -> None:
        self.suffix = suffix
        self.region = str(session.region_name)
        self._session = session
        self._endpoint_url = endpoint_url
        self.client = cache(self._client)

    @classmethod
    def find(cls, *, suffix: str | None = None, region: str | None = None, local: bool = False) -> Environment:
        """The environment that the settings name, unless an argument says another; `local`: the one of `make local`.

        Raises `lib.settings.SettingsError`, or `EnvironmentNotFoundError` if no local AWS runs.
        """
        given = {"environment_suffix": suffix, "aws_region": region}
        settings = load_settings(**{name: value for name, value in given.items() if value is not None})
        if not local:
            session = Session(region_name=settings.aws_region)
            return cls(settings.environment_suffix, session, endpoint_url=settings.aws_endpoint_url)
        running = LocalAws.running(LOCAL_AWS_DIRECTORY)
        if running is None:
            raise EnvironmentNotFoundError("--local: no local AWS runs for this folder; start it with `make local`")
        credentials = running.environment()
        session = Session(
            aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
            region_name=settings.aws_region,
        )
        return cls(settings.environment_suffix, session, endpoint_url=running.endpoint_url)

    def name(self, base: str) -> str:
        """The physical name of what the stack calls `base`: `payment-{base}-{suffix}`."""
        return f"payment-{base}-{self.suffix}"

    def parameter(self, key: str) -> str:
        """The value of `/payment/{suffix}/{key}`. Raises `EnvironmentNotFoundError`, and botocore's errors."""
        ssm: SSMClient = self.client("ssm")
        name = f"/payment/{self.suffix}/{key}"
        try:
            return ssm.get_parameter(Name=name)["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            raise EnvironmentNotFoundError(
                f"no environment {self.suffix!r} in {self.place}: SSM parameter {name} does not exist; "
                "check --suffix, --region and the account, or deploy it"
            ) from None

    def payment_client(self) -> PaymentClient:
        """A client of the environment's API. Raises as `parameter` does."""
        return PaymentClient(self.parameter(API_ENDPOINT), self._session, endpoint_url=self._endpoint_url)

    @property
    def place(self) -> str:
        """Where it was looked for, for messages."""
        return f"Region {self.region}" + (f" at {self._endpoint_url}" if self._endpoint_url else "")

    def _client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self._endpoint_url, config=CALL_LIMITS)  # type: ignore[call-overload]
