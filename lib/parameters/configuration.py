"""Configuration in SSM under `/payment/{suffix}/`, where the function and the operators read it."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter

from lib.encryption import Key
from lib.iam import Statement
from lib.region import Region

FINGERPRINT_KEY = "payments/fingerprint_key"
FINGERPRINT_KEY_LENGTH = 64
# Raise it to make a new key at the next deploy; account references and fingerprints written before no longer match.
FINGERPRINT_KEY_VERSION = 1


class Configuration:
    """Plain parameters from `values`, and one secret that is made at deploy and never enters plan or state.

    In a second Region the secret is that of the first one's configuration, `same_as`: what is known of an account by
    its reference is the same in both.
    """

    def __init__(
        self, region: Region, *, key: Key, values: Mapping[str, str], same_as: Configuration | None = None
    ) -> None:
        self._region = region
        self._key = key
        self.path = region.settings.parameter_name("").rstrip("/")
        for name, value in values.items():
            self.add(name, value)
        self._fingerprint_key = self._add_fingerprint_key(same_as)

    def add(self, name: str, value: str) -> None:
        """Add a plain parameter; for what is made after its readers, such as the API in front of the function."""
        self._region.add(
            SsmParameter,
            f"parameter_{name.replace('/', '_')}",
            name=self._region.settings.parameter_name(name),
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
                resources=[self._region.arn("ssm", f"parameter{self.path}/*")],
            ),
            Statement(sid="DecryptConfiguration", actions=["kms:Decrypt"], resources=[self._key.arn]),
        ]

    def _add_fingerprint_key(self, same_as: Configuration | None) -> SsmParameter:
        """Add the HMAC key of account references: made in an ephemeral block, or read in one from the other Region."""
        if same_as:
            read = same_as._region.add_ephemeral(
                "aws_ssm_parameter", "fingerprint_key", {"arn": same_as._fingerprint_key.arn}
            )
            value = f"${{{read}.value}}"
        else:
            made = self._region.add_ephemeral(
                "aws_secretsmanager_random_password",
                "fingerprint_key",
                {"password_length": FINGERPRINT_KEY_LENGTH, "exclude_punctuation": True},
            )
            value = f"${{{made}.random_password}}"
        return self._region.add(
            SsmParameter,
            "parameter_payments_fingerprint_key",
            name=self._region.settings.parameter_name(FINGERPRINT_KEY),
            type="SecureString",
            key_id=self._key.arn,
            value_wo=value,
            value_wo_version=FINGERPRINT_KEY_VERSION,
            description="Key of the account references and request fingerprints",
        )
