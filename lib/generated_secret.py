"""A secret in Secrets Manager, made at deploy: it enters no plan and no state."""

from __future__ import annotations

import json

from cdktf import Fn, TerraformLocal, Token
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret, SecretsmanagerSecretReplica
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion

from lib.encryption import Key, Replica
from lib.iam import Statement
from lib.region import Region

PASSWORD_LENGTH = 40
# Secrets Manager's longest; otherwise a secret is gone at once, so that its name is free again.
RECOVERY_WINDOW_DAYS = 30


class GeneratedSecret:
    """A login, `{"username", "password"}`, or without a user a password alone; also where `replica` says.

    `version` is raised to have a new password made. `version_id` changes with the password, so that what is given it
    can follow.
    """

    def __init__(
        self,
        region: Region,
        id_: str,
        *,
        username: str | None = None,
        description: str,
        key: Key,
        version: int,
        replica: Replica | None = None,
    ) -> None:
        self._region = region
        self._id = id_
        self.secret = region.add(
            SecretsmanagerSecret,
            f"{id_}_secret",
            name=region.settings.name(id_.replace("_", "-")),
            description=description,
            kms_key_id=key.arn,
            recovery_window_in_days=RECOVERY_WINDOW_DAYS if region.settings.protected else 0,
            replica=[SecretsmanagerSecretReplica(region=replica.region.name, kms_key_id=replica.key.arn)]
            if replica
            else None,
        )
        self.arn = self.secret.arn
        password = region.add_ephemeral(
            "aws_secretsmanager_random_password", id_, {"password_length": PASSWORD_LENGTH, "exclude_punctuation": True}
        )
        made = f"${{{password}.random_password}}"
        self._version = region.add(
            SecretsmanagerSecretVersion,
            f"{id_}_secret_version",
            secret_id=self.secret.id,
            secret_string_wo=json.dumps({"username": username, "password": made}) if username else made,
            secret_string_wo_version=version,
        )
        self.version_id = self._version.version_id

    def arn_in(self, region: Region) -> str:
        """Return the ARN of the replica in another Region, which differs in the Region's name alone.

        https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
        """
        arn = Fn.replace(self.arn, f":{self._region.name}:", f":{region.name}:")
        # A local value, so that policies stay JSON with plain references.
        id_ = f"{region.settings.role}_{self._id}_secret_arn"
        return Token.as_string(TerraformLocal(region.stack, id_, arn).expression)

    def read_password(self) -> str:
        """Return an expression for write-only arguments: a login's password as the secret has it.

        It is read from the secret and not taken from where it was made, which makes another at every run: whoever is
        given the password by a later run than the secret was gets the same one.
        """
        address = self._region.add_ephemeral(
            "aws_secretsmanager_secret_version", self._id, {"secret_id": self.arn, "version_id": self.version_id}
        )
        return f"${{jsondecode({address}.secret_string).password}}"


def read_secret(arn: str, key: Key, whose: str) -> list[Statement]:
    """Return the statements that let a role read a secret; `whose` completes their names."""
    return [
        Statement(sid=f"Read{whose}", actions=["secretsmanager:GetSecretValue"], resources=[arn]),
        Statement(sid=f"Decrypt{whose}", actions=["kms:Decrypt"], resources=[key.arn]),
    ]
