"""The database user that the payment function (or service) is, and how it proves that: a password or IAM."""

from __future__ import annotations

from lib.encryption import Key, Replica
from lib.generated_secret import GeneratedSecret, read_secret
from lib.iam import Statement
from lib.region import Region
from lib.settings import Settings


def username(settings: Settings) -> str:
    """Return the name of the user: a person reads in the database what the payments come from."""
    return "payment_user" if settings.runs_containers else "payment_app"


def ledger_user_secret(region: Region, *, key: Key, replica: Replica | None = None) -> GeneratedSecret | None:
    """Return the secret of the user; None where nobody has a password: with IAM and without a proxy."""
    if not region.settings.ledger_user_has_password:
        return None
    return GeneratedSecret(
        region,
        "ledger_user",
        username=username(region.settings),
        description="Database user of the payment function",
        key=key,
        version=region.settings.db_password_version,
        replica=replica,
    )


class LedgerUser:
    """The user in one Region: the secret that it has there, if it has one, and what its users may do with it."""

    def __init__(self, region: Region, *, key: Key, secret_arn: str | None) -> None:
        self._region = region
        self._key = key
        self._secret_arn = secret_arn

    def outputs(self) -> dict[str, str]:
        return {"database_user_secret_arn": self._secret_arn} if self._secret_arn else {}

    def environment(self) -> dict[str, str]:
        """Return the variables with which the payment function logs in."""
        return self._environment(with_password=self._region.settings.database_authentication == "secret")

    def migrations_environment(self) -> dict[str, str]:
        """Return the variables that say how the database itself is to know the user.

        Behind the proxy that is by password: IAM ends at the proxy.
        """
        return self._environment(with_password=self._secret_arn is not None)

    def login_access(self, resource_id: str) -> list[Statement]:
        """Return the statements that let a role log in to a cluster or a proxy, named by its resource id."""
        if self._region.settings.database_authentication == "secret":
            return self.read_access()
        user = self._region.arn("rds-db", f"dbuser:{resource_id}/{username(self._region.settings)}")
        return [Statement(sid="LogInToTheLedger", actions=["rds-db:connect"], resources=[user])]

    def direct_environment(self) -> dict[str, str]:
        """Return the variables with which code logs in to the database itself, past a proxy."""
        return self.migrations_environment()

    def direct_access(self) -> list[Statement]:
        """Return the statements that let a role log in to the ledger itself, and to what is restored from it.

        With IAM, the id of a cluster that is yet to be restored is not known; which one is reached, the network says.
        """
        if self._secret_arn:
            return self.read_access()
        user = self._region.arn("rds-db", f"dbuser:cluster-*/{username(self._region.settings)}")
        return [Statement(sid="LogInToTheLedger", actions=["rds-db:connect"], resources=[user])]

    def read_access(self) -> list[Statement]:
        """Return the statements that let a role read the password; none where there is no password."""
        return read_secret(self._secret_arn, self._key, "LedgerUser") if self._secret_arn else []

    def _environment(self, *, with_password: bool) -> dict[str, str]:
        variables = {
            "DB_USER": username(self._region.settings),
            "DB_AUTHENTICATION": "secret" if with_password else "iam",
        }
        if with_password and self._secret_arn:
            variables["DB_SECRET_ARN"] = self._secret_arn
        return variables
