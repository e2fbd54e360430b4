"""How the function proves to the database who it is: a password from Secrets Manager, or an IAM token."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError
from botocore.model import ServiceId
from botocore.signers import RequestSigner

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
TOKEN_SECONDS = 900
CURRENT = "AWSCURRENT"
PREVIOUS = "AWSPREVIOUS"


class CredentialsError(Exception):
    """There is nothing to log in with: the secret does not hold a user name and a password, or the role is missing."""


@dataclass(frozen=True)
class Login:
    """A user of the database and what it logs in with."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.user!r})"


class Credentials(Protocol):
    """Logins to try, one after the other, until the database takes one."""

    def logins(self) -> Iterator[Login]: ...


class SecretCredentials:
    """The login in a secret of the form `{"username", "password"}`, cached until the database no longer takes it."""

    def __init__(self, *, client: "SecretsManagerClient", secret_arn: str) -> None:
        self._client = client
        self._secret_arn = secret_arn
        self._cached: Login | None = None

    def logins(self) -> Iterator[Login]:
        """The cached login, the secret's present one, and the one before.

        The last is for the moment in which a new password is in the secret and not yet in the database.
        """
        cached = self._cached
        if cached:
            yield cached
        current = self._cached = self._read(CURRENT)
        if current != cached:
            yield current
        try:
            previous = self._read(PREVIOUS)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return
        yield previous

    def _read(self, stage: str) -> Login:
        text = self._client.get_secret_value(SecretId=self._secret_arn, VersionStage=stage)["SecretString"]
        try:
            secret = json.loads(text)
            return Login(secret["username"], secret["password"])
        except (ValueError, KeyError, TypeError):
            raise CredentialsError(
                f"the secret {self._secret_arn} is not a JSON object with username and password"
            ) from None


class IamCredentials:
    """A token for one host and user, signed with the function's own role; made anew for each connection."""

    def __init__(self, *, session: "Session", region: str, host: str, port: int, user: str) -> None:
        self._session = session
        self._region = region
        self._address = f"{host}:{port}"
        self._user = user

    def logins(self) -> Iterator[Login]:
        """One token; it is valid for 15 minutes, and only for the start of a connection."""
        credentials = self._session.get_credentials()
        if credentials is None:
            raise CredentialsError("no AWS credentials to sign the database token with; the function's role has them")
        signer = RequestSigner(
            ServiceId("rds-db"), self._region, "rds-db", "v4", credentials, self._session.get_component("event_emitter")
        )
        url = signer.generate_presigned_url(
            {
                "method": "GET",
                "url": f"https://{self._address}/?Action=connect&DBUser={self._user}",
                "body": {},
                "headers": {},
                "context": {},
            },
            operation_name="connect",
            expires_in=TOKEN_SECONDS,
            region_name=self._region,
            signing_name="rds-db",
        )
        yield Login(self._user, url.removeprefix("https://"))
