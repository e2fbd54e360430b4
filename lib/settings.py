"""Every input of the app: validated in one place, with the names and tags that follow from it.

Precedence: environment variable, then `.env`, then the default written here.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from lib import input_rules as rules
from lib.availability import Partition, partition_of, zone_letters


class SettingsError(ValueError):
    """An input that cannot be used; the message names the variable, the value and the remedy."""


class EnvironmentClass(StrEnum):
    """How much an environment is protected: only `production` keeps anything when it is destroyed."""

    EPHEMERAL = "ephemeral"
    STAGING = "staging"
    PRODUCTION = "production"


STACK_CLASSES = {"single-region": "TapStack", "multi-region": "DisasterRecoveryStack"}
LONGEST_BACKTRACK_HOURS = 72


class RegionRole(StrEnum):
    """Which of two Regions one is when it is deployed; a failover changes what the SSM parameter of that name says."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


OptionalText = Annotated[str | None, BeforeValidator(rules.none_if_blank)]


class Settings(BaseSettings):
    """The inputs. Field names in upper case are the names of the environment variables."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, env_ignore_empty=True
    )

    environment_suffix: Annotated[str, AfterValidator(rules.usable_suffix)] = Field(
        "dev", description="Name of the environment; part of every resource name and of the state's"
    )
    aws_region: Annotated[str, AfterValidator(rules.known_region)] = Field(
        "us-east-1", description="AWS Region with three availability zones"
    )
    architecture: Annotated[Literal["single-region", "multi-region"], BeforeValidator(rules.built_architecture)] = (
        Field("single-region", description="Which stack is synthesized")
    )
    secondary_region: Annotated[str, AfterValidator(rules.known_region)] = Field(
        "us-west-2", description="The other AWS Region of the architecture `multi-region`"
    )
    environment_class: EnvironmentClass = Field(
        EnvironmentClass.EPHEMERAL, description="`ephemeral`, `staging` or `production`"
    )
    project: str = Field("payment", description="Tag `Project`", min_length=1, max_length=64)
    owner: str = Field("payments-team", description="Tag `Owner`", min_length=1, max_length=128)
    expires_at: Annotated[AwareDatetime | None, BeforeValidator(rules.none_if_blank)] = Field(
        None, description="When the environment may be removed, ISO 8601 with a time zone; tag `ExpiresAt`"
    )
    aws_account_id: Annotated[OptionalText, AfterValidator(rules.account_number)] = Field(
        None, description="Account that may be deployed to; any without it"
    )
    protected_suffixes: Annotated[str, AfterValidator(rules.suffixes)] = Field(
        "prod,production,staging,live,main",
        description="Suffixes whose environments `tap env destroy` removes only with the suffix typed out, as it does "
        "class `production`",
    )
    state_bucket: OptionalText = Field(None, description="S3 bucket of the Terraform state; local state without it")
    state_region: OptionalText = Field(None, description="Region of the state bucket; AWS_REGION without it")
    aws_endpoint_url: OptionalText = Field(None, description="Another address of the AWS API: the local AWS")

    vpc_cidr: Annotated[str, AfterValidator(rules.private_slash_16)] = Field(
        "10.0.0.0/16", description="Addresses of the VPC, a /16"
    )
    availability_zones: Annotated[OptionalText, AfterValidator(rules.three_zone_letters)] = Field(
        None, description="Letters of three zones, such as `a,b,c`; the Region's own without it"
    )
    secondary_vpc_cidr: Annotated[str, AfterValidator(rules.private_slash_16)] = Field(
        "10.1.0.0/16", description="Addresses of the VPC in the secondary Region, a /16"
    )
    secondary_availability_zones: Annotated[OptionalText, AfterValidator(rules.three_zone_letters)] = Field(
        None, description="Letters of three zones of the secondary Region; the Region's own without it"
    )
    nat_gateways: Literal["single", "per-az", "none"] | None = Field(
        None, description="`single`, `per-az` (default of production) or `none` (VPC endpoints instead)"
    )

    db_engine: Literal["aurora-mysql", "aurora-postgresql"] = Field(
        "aurora-mysql",
        description="Engine of the ledger; `aurora-postgresql` is for the container architecture and refused here",
    )
    db_engine_version: str = Field(
        "8.0.mysql_aurora.3.10.0", description="Engine version: a patch level of the supported line"
    )
    db_instance_class: Annotated[str, AfterValidator(rules.provisioned_class)] = Field(
        "db.r5.large", description="Class of the database instances"
    )
    db_instance_count: int = Field(2, description="Database instances; 1 for class ephemeral only", ge=1, le=15)
    db_authentication: Literal["secret", "iam"] | None = Field(
        None, description="How the function logs in to the ledger: `secret` (default) or `iam` (default with a proxy)"
    )
    db_proxy: bool = Field(False, description="Put an RDS Proxy in front of the ledger; its clients log in with IAM")
    db_password_version: int = Field(
        1, description="Raise it to give the function a new database password at the next deploy", ge=1, le=1_000_000
    )
    backtrack_hours: int | None = Field(
        None,
        description="Hours that Aurora can be rewound, 72 without it; 0 turns it off, which a global database needs",
        ge=0,
        le=72,
    )
    session_ttl_hours: int = Field(24, description="Hours that a payment session is kept", ge=1, le=8760)

    lambda_runtime: Annotated[str, AfterValidator(rules.supported_runtime)] = Field(
        "python3.13", description="Python runtime of the functions, one that AWS supports"
    )
    lambda_memory_mb: int = Field(1024, description="Memory of the payment function, MB", ge=128, le=10240)
    lambda_reserved_concurrency: int | None = Field(
        None, description="Executions kept for the payment function; account pool without it", ge=0, le=1000
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Level of the function's log")
    payment_amount_limit: int = Field(1_000_000, description="Largest amount of a payment", ge=1, le=1_000_000)
    approval_threshold: int | None = Field(
        None, description="Amount above which a person must approve a payment; nobody without it", ge=0, le=999_999
    )
    approval_hours: int = Field(
        24, description="Hours after which a payment that nobody approved is rejected", ge=1, le=720
    )

    api_authorization: Annotated[Literal["AWS_IAM", "JWT"], BeforeValidator(rules.never_none)] = Field(
        "AWS_IAM", description="Authorization of the payment API"
    )
    api_jwt_issuer: OptionalText = Field(None, description="Issuer URL of the tokens, for authorization JWT")
    api_jwt_audience: OptionalText = Field(None, description="Audience of the tokens, for authorization JWT")
    api_rate_limit: int = Field(100, description="Requests per second the API takes", ge=1, le=10_000)
    api_burst_limit: int = Field(200, description="Requests the API takes at once", ge=1, le=5_000)
    function_url: bool = Field(False, description="Also give the function a URL of its own (AWS_IAM)")
    function_url_authorization: Annotated[Literal["AWS_IAM"], BeforeValidator(rules.never_none)] = Field(
        "AWS_IAM", description="Authorization of the function URL"
    )

    domain: Annotated[str, AfterValidator(rules.resolvable_domain)] = Field(
        "testing.local", description="Parent domain; public DNS and TLS with a domain that you own"
    )
    parent_zone_id: OptionalText = Field(None, description="Hosted zone of an owned domain, for the delegation")
    alert_email: Annotated[OptionalText, AfterValidator(rules.email_address)] = Field(
        None, description="Address that alarms are sent to"
    )

    _role: RegionRole | None = PrivateAttr(None)

    def in_region(self, role: RegionRole) -> Settings:
        """Return the settings as they are in one of two Regions: its addresses, its zones, its role in the names."""
        own = {}
        if role is RegionRole.SECONDARY:
            own = {
                "aws_region": self.secondary_region,
                "vpc_cidr": self.secondary_vpc_cidr,
                "availability_zones": self.secondary_availability_zones,
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
        return self.architecture == "multi-region"

    @property
    def backtrack_seconds(self) -> int:
        """How far the ledger can be rewound; a global database cannot."""
        hours = self.backtrack_hours
        if hours is None:
            hours = 0 if self.in_two_regions else LONGEST_BACKTRACK_HOURS
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
        """How the payment function proves to the ledger who it is."""
        return self.db_authentication or ("iam" if self.db_proxy else "secret")

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
        if fault := rules.combination_fault(self):
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
