"""The inputs together: what they must be to each other, and the names, tags and choices that follow from them."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self

from pydantic import PrivateAttr, ValidationError, model_validator

from lib import input_rules as rules
from lib.availability import Partition, partition_of, zone_letters
from lib.input_combinations import combination_fault
from lib.inputs import EnvironmentClass, Inputs

STACK_CLASSES = {
    "single-region": "TapStack",
    "multi-region": "DisasterRecoveryStack",
    "containers": "ContainerStack",
    "account": "AccountStack",
}
LONGEST_BACKTRACK_HOURS = 72
STANDBY_TASKS_PART = 5
"""The standby Region's service has this part of the tasks, and as many as the other once it has the work."""


class SettingsError(ValueError):
    """An input that cannot be used; the message names the variable, the value and the remedy."""


class RegionRole(StrEnum):
    """Which of two Regions one is when it is deployed; a failover changes what the SSM parameter of that name says."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class Settings(Inputs):
    """One environment, as its inputs ask for it."""

    _role: RegionRole | None = PrivateAttr(None)

    def in_region(self, role: RegionRole) -> Settings:
        """Return the settings as they are in one of two Regions: its addresses, its zones, its role in the names."""
        own: dict[str, object] = {}
        if role is RegionRole.SECONDARY:
            own = {
                "aws_region": self.secondary_region,
                "vpc_cidr": self.secondary_vpc_cidr,
                "availability_zones": self.secondary_availability_zones,
                "service_min_tasks": max(1, self.service_min_tasks // STANDBY_TASKS_PART),
            }
        settings = self.model_copy(update=own)
        settings._role = role
        return settings

    @property
    def role(self) -> RegionRole | None:
        """Which of two Regions these settings are of; None where there is one, or for what both share."""
        return self._role

    # One physical name each; the suffix rules keep the longest of them within AWS's limits.
    def name(self, base: str) -> str:
        """Return the name `payment-{base}-{suffix}`, or `payment-{base}-{role}-{suffix}` in one of two Regions."""
        return self.shared_name(f"{base}-{self._role}" if self._role else base)

    def shared_name(self, base: str) -> str:
        """Return the physical name `payment-{base}-{suffix}`, of what is called the same in both Regions."""
        return f"payment-{base}-{self.environment_suffix}"

    def regional_name(self, base: str) -> str:
        """Return the physical name `payment-{base}-{Region}-{suffix}`, for what is unique across Regions."""
        return f"payment-{base}-{self.aws_region}-{self.environment_suffix}"

    def parameter_name(self, key: str) -> str:
        """Return the SSM parameter name `/payment/{suffix}/{key}`."""
        return f"/payment/{self.environment_suffix}/{key}"

    @property
    def stack_name(self) -> str:
        return f"{STACK_CLASSES[self.architecture]}{self.environment_suffix}"

    @property
    def tags(self) -> dict[str, str]:
        """The default tags of every resource."""
        tags = {
            "Project": self.project,
            "Environment": f"payment-{self.environment_suffix}",
            "EnvironmentSuffix": self.environment_suffix,
            "EnvironmentClass": self.environment_class.value,
            "Architecture": self.architecture,
            "HomeRegion": self.aws_region,
            "ManagedBy": "cdktf",
            "Owner": self.owner,
        }
        if self.in_two_regions:
            tags["SecondaryRegion"] = self.secondary_region
        if self.expires_at:
            tags["ExpiresAt"] = self.expires_at.isoformat()
        return tags

    @property
    def protected(self) -> bool:
        """Whether destroying keeps data: class `production` alone. Set ENVIRONMENT_CLASS=staging to turn it off."""
        return self.environment_class is EnvironmentClass.PRODUCTION

    @property
    def in_two_regions(self) -> bool:
        return self.architecture == "multi-region" or (self.runs_containers and self.standby_region is not None)

    @property
    def runs_containers(self) -> bool:
        return self.architecture == "containers"

    @property
    def backtrack_seconds(self) -> int:
        """How far the ledger can be rewound; a global database and PostgreSQL cannot."""
        hours = self.backtrack_hours
        if hours is None:
            hours = 0 if self.in_two_regions or self.runs_containers else LONGEST_BACKTRACK_HOURS
        return hours * 3600

    @property
    def log_retention_days(self) -> int:
        return {"ephemeral": 7, "staging": 30, "production": 400}[self.environment_class.value]

    @property
    def backup_retention_days(self) -> int:
        return 35 if self.protected else 7

    @property
    def nat(self) -> Literal["single", "per-az", "none"]:
        return self.nat_gateways or ("per-az" if self.protected else "single")

    @property
    def database_authentication(self) -> Literal["secret", "iam"]:
        """How what takes payments proves to the ledger who it is."""
        return self.db_authentication or ("iam" if self.db_proxy or self.runs_containers else "secret")

    @property
    def ledger_user_has_password(self) -> bool:
        """Whether the database knows its user by password: the function's own, or the proxy's behind IAM."""
        return self.db_proxy or self.database_authentication == "secret"

    @property
    def partition(self) -> Partition:
        partition = partition_of(self.aws_region)
        assert partition is not None  # The Region was validated.
        return partition

    @property
    def zones(self) -> tuple[str, str, str]:
        """Three zone names, such as `us-east-1a`."""
        letters = self.availability_zones or zone_letters(self.aws_region)
        first, second, third = (f"{self.aws_region}{letter}" for letter in letters.split(","))
        return first, second, third

    @property
    def zone_name(self) -> str:
        """The hosted zone of this environment."""
        return f"payment-{self.environment_suffix}.{self.domain}"

    @property
    def api_domain(self) -> str:
        return f"api.{self.zone_name}"

    @property
    def domain_is_owned(self) -> bool:
        """Whether the domain resolves in public DNS; otherwise the zone is private to the VPC."""
        return rules.is_owned(self.domain)

    def subnets(self, offset: int) -> tuple[str, str, str]:
        """Return three /24 blocks of the VPC that begin at the third octet `offset`."""
        blocks = list(ipaddress.ip_network(self.vpc_cidr).subnets(new_prefix=24))
        return str(blocks[offset]), str(blocks[offset + 1]), str(blocks[offset + 2])

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if fault := combination_fault(self):
            raise ValueError(fault)
        return self


def load_settings(**overrides: object) -> Settings:
    """Read the settings; `overrides` win over the environment.

    Raises:
        SettingsError: one line for each input that cannot be used.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(fault) for fault in error.errors())) from None


def _explain(fault: object) -> str:
    assert isinstance(fault, dict)
    message = str(fault["msg"]).removeprefix("Value error, ")
    if not fault["loc"]:
        return message
    value = fault["input"]
    shown = value.isoformat() if isinstance(value, datetime) else value
    return f"{str(fault['loc'][0]).upper()}={shown}: {message}"
