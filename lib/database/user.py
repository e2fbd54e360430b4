"""The database user that the payment function is, and how it proves that: a password or IAM."""

from __future__ import annotations

import json

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion

from lib.account import Account
from lib.encryption import EncryptionKey
from lib.iam import Statement
from lib.settings import Settings

USERNAME = "payment_app"
PASSWORD_LENGTH = 40
# Secrets Manager's longest; otherwise a secret is gone at once, so that its name is free again.
RECOVERY_WINDOW_DAYS = 30


class LedgerUser:
    """`payment_app`: its secret where it has a password, and what its users may do with it.

    With IAM and without a proxy nobody has a password, and there is no secret.
    """

    def __init__(self, stack: TerraformStack, *, settings: Settings, account: Account, key: EncryptionKey) -> None:
        self._account = account
        self._key = key
        self._authentication = settings.database_authentication
        self.secret: SecretsmanagerSecret | None = None
        # What the password is now; changes with it, so that the database can follow.
        self.version = "iam"
        if settings.ledger_user_has_password:
            self.secret = SecretsmanagerSecret(
                stack,
                "ledger_user_secret",
                name=settings.name("ledger-user"),
                description="Database user of the payment function",
                kms_key_id=key.arn,
                recovery_window_in_days=RECOVERY_WINDOW_DAYS if settings.protected else 0,
            )
            self.version = self._password(stack, self.secret, settings.db_password_version).version_id

    def outputs(self) -> dict[str, str]:
        return {"database_user_secret_arn": self.secret.arn} if self.secret else {}

    def environment(self) -> dict[str, str]:
        """Return the variables with which the payment function logs in."""
        return self._environment(with_password=self._authentication == "secret")

    def migrations_environment(self) -> dict[str, str]:
        """Return the variables that say how the database itself is to know the user.

        Behind the proxy that is by password: IAM ends at the proxy.
        """
        return self._environment(with_password=self.secret is not None)

    def login_access(self, resource_id: str) -> list[Statement]:
        """Return the statements that let a role log in to a cluster or a proxy, named by its resource id."""
        if self._authentication == "secret":
            return self.read_access()
        user = self._account.arn("rds-db", f"dbuser:{resource_id}/{USERNAME}")
        return [Statement(sid="LogInToTheLedger", actions=["rds-db:connect"], resources=[user])]

    def read_access(self) -> list[Statement]:
        """Return the statements that let a role read the password; none where there is no password."""
        if self.secret is None:
            return []
        return [
            Statement(sid="ReadLedgerUser", actions=["secretsmanager:GetSecretValue"], resources=[self.secret.arn]),
            Statement(sid="DecryptLedgerUser", actions=["kms:Decrypt"], resources=[self._key.arn]),
        ]

    def _environment(self, *, with_password: bool) -> dict[str, str]:
        variables = {"DB_USER": USERNAME, "DB_AUTHENTICATION": "secret" if with_password else "iam"}
        if with_password and self.secret:
            variables["DB_SECRET_ARN"] = self.secret.arn
        return variables

    @staticmethod
    def _password(stack: TerraformStack, secret: SecretsmanagerSecret, version: int) -> SecretsmanagerSecretVersion:
        """Make the password in an ephemeral block and write it write-only, so that no plan and no state holds it.

        cdktf 0.21 has no class for ephemeral blocks, hence the override.
        """
        stack.add_override(
            "ephemeral.aws_secretsmanager_random_password.ledger_user",
            {"password_length": PASSWORD_LENGTH, "exclude_punctuation": True},
        )
        password = "${ephemeral.aws_secretsmanager_random_password.ledger_user.random_password}"
        return SecretsmanagerSecretVersion(
            stack,
            "ledger_user_secret_version",
            secret_id=secret.id,
            secret_string_wo=json.dumps({"username": USERNAME, "password": password}),
            secret_string_wo_version=version,
        )
