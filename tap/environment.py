"""One deployed environment as an operator's tools reach it: by its suffix, through its SSM parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.settings import load_settings
from tap.account import Account
from tap.payment_client import PaymentClient

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

API_ENDPOINT = "api/endpoint"
API_KEY_SECRET = "api/key_secret"
SESSIONS_TABLE = "sessions/table"
EVENT_BUS = "events/bus"
REGION_ROLE = "region/role"


class EnvironmentNotFoundError(RuntimeError):
    """No such environment is deployed where it was looked for, or it lacks what was asked of it."""


class Environment:
    """Clients, names and parameters of the environment `suffix` in an account and Region."""

    def __init__(self, suffix: str, account: Account) -> None:
        self.suffix = suffix
        self.account = account

    @classmethod
    def find(cls, *, suffix: str | None = None, region: str | None = None, local: bool = False) -> Environment:
        """The environment that the settings name, unless an argument says another; `local`: the one of `make local`.

        Raises `lib.settings.SettingsError`, or `LocalAwsError` if no local AWS runs.
        """
        own = {"environment_suffix": suffix} if suffix is not None else {}
        settings = load_settings(**own)
        # The other of two Regions is named without becoming the one that the settings are of.
        there = region if region and settings.in_two_regions and region == settings.secondary_region else None
        if region and not there:
            settings = load_settings(**own, aws_region=region)
        account = Account.reach(there or settings.aws_region, endpoint_url=settings.aws_endpoint_url, local=local)
        return cls(settings.environment_suffix, account)

    def client(self, service: str) -> Any:
        """A boto3 client in the environment's Region."""
        return self.account.client(service)

    def name(self, base: str) -> str:
        """The physical name here of what the stack calls `base`: `payment-{base}-{suffix}`.

        In one of two Regions the role that it was deployed in is before the suffix, as the event bus has it. Raises as
        `parameter` does.
        """
        return self.parameter(EVENT_BUS).replace("-events-", f"-{base}-", 1)

    def parameter(self, key: str) -> str:
        """The value of `/payment/{suffix}/{key}`. Raises `EnvironmentNotFoundError`, and botocore's errors."""
        value = self.find_parameter(key)
        if value is None:
            raise EnvironmentNotFoundError(
                f"no environment {self.suffix!r} in {self.account.place}: SSM parameter {self._parameter_name(key)} "
                "does not exist; check --suffix, --region and the account, or deploy it"
            )
        return value

    def find_parameter(self, key: str) -> str | None:
        """The value of `/payment/{suffix}/{key}`, or None where there is no such parameter."""
        ssm: SSMClient = self.client("ssm")
        try:
            return ssm.get_parameter(Name=self._parameter_name(key))["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            return None

    def _parameter_name(self, key: str) -> str:
        return f"/payment/{self.suffix}/{key}"

    def payment_client(self) -> PaymentClient:
        """A client of the environment's API. Raises as `parameter` does."""
        account = self.account
        url = self.parameter(API_ENDPOINT)
        secret = self.find_parameter(API_KEY_SECRET)
        key = self.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"] if secret else None
        return PaymentClient(url, account.session, endpoint_url=account.endpoint_url, api_key=key)
