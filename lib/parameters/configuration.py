"""Configuration in SSM under `/payment/{suffix}/`, where the function and the operators read it."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter

from lib.account import Account
from lib.encryption import EncryptionKey
from lib.iam import Statement
from lib.settings import Settings

FINGERPRINT_KEY = "payments/fingerprint_key"
FINGERPRINT_KEY_LENGTH = 64
# Raise it to make a new key at the next deploy; account references and fingerprints written before no longer match.
FINGERPRINT_KEY_VERSION = 1


class Configuration:
    """Plain parameters from `values`, and one secret that is made at deploy and never enters plan or state."""

    def __init__(
        self,
        stack: TerraformStack,
        *,
        settings: Settings,
        account: Account,
        key: EncryptionKey,
        values: Mapping[str, str],
    ) -> None:
        self._stack = stack
        self._settings = settings
        self._account = account
        self._key = key
        self.path = settings.parameter_name("").rstrip("/")
        for name, value in values.items():
            self.add(name, value)
        self._fingerprint_key(stack)

    def add(self, name: str, value: str) -> None:
        """Add a plain parameter; for what is made after its readers, such as the API in front of the function."""
        SsmParameter(
            self._stack,
            f"parameter_{name.replace('/', '_')}",
            name=self._settings.parameter_name(name),
            type="String",
            value=value,
            description="Configuration of the payment environment",
        )

    def read_access(self) -> list[Statement]:
        """Return the statements that let a role read the configuration."""
        return [
            Statement(
                sid="ReadConfiguration",
                actions=["ssm:GetParameters"],
                resources=[self._account.arn("ssm", f"parameter{self.path}/*")],
            ),
            Statement(sid="DecryptConfiguration", actions=["kms:Decrypt"], resources=[self._key.arn]),
        ]

    def _fingerprint_key(self, stack: TerraformStack) -> None:
        """Make the HMAC key of account references in an ephemeral block and write it write-only.

        cdktf 0.21 has no class for ephemeral blocks, hence the override.
        """
        stack.add_override(
            "ephemeral.aws_secretsmanager_random_password.fingerprint_key",
            {"password_length": FINGERPRINT_KEY_LENGTH, "exclude_punctuation": True},
        )
        SsmParameter(
            stack,
            "parameter_payments_fingerprint_key",
            name=self._settings.parameter_name(FINGERPRINT_KEY),
            type="SecureString",
            key_id=self._key.arn,
            value_wo="${ephemeral.aws_secretsmanager_random_password.fingerprint_key.random_password}",
            value_wo_version=FINGERPRINT_KEY_VERSION,
            description="Key of the account references and request fingerprints",
        )
