"""Every input of the app: validated in one place, with the names and tags that follow from it.

Precedence: environment variable, then `.env`, then the default written here.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from lib.availability import ENGINE_LINE_ENDS, LAMBDA_RUNTIME_ENDS, Partition, partition_of, zone_letters

SUFFIX_PATTERN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SUFFIX_MAX_LENGTH = 20
PRIVATE_TOP_LEVEL_DOMAINS = ("local", "internal", "test", "lan", "home", "corp", "localhost", "invalid")
RESERVED_DOMAINS = ("example.com", "example.net", "example.org")


class SettingsError(ValueError):
    """An input that cannot be used; the message names the variable, the value and the remedy."""


class EnvironmentClass(StrEnum):
    """How much an environment is protected: only `production` keeps anything when it is destroyed."""

    EPHEMERAL = "ephemeral"
    STAGING = "staging"
    PRODUCTION = "production"


def _blank_to_none(value: object) -> object:
    return None if value == "" else value


OptionalText = Annotated[str | None, BeforeValidator(_blank_to_none)]


class Settings(BaseSettings):
    """The inputs. Field names in upper case are the names of the environment variables."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, env_ignore_empty=True
    )

    environment_suffix: str = Field("dev", description="Name of the environment; part of every resource name")
    aws_region: str = Field("us-east-1", description="AWS Region")
    architecture: Literal["single-region"] = Field("single-region", description="Which stack is synthesized")
    environment_class: EnvironmentClass = Field(
        EnvironmentClass.EPHEMERAL, description="`ephemeral`, `staging` or `production`"
    )
    project: str = Field("payment", description="Tag `Project`", min_length=1, max_length=64)
    owner: str = Field("payments-team", description="Tag `Owner`", min_length=1, max_length=128)
    expires_at: Annotated[AwareDatetime | None, BeforeValidator(_blank_to_none)] = Field(
        None, description="When the environment may be removed, ISO 8601 with a time zone; tag `ExpiresAt`"
    )
    aws_account_id: OptionalText = Field(None, description="Account that may be deployed to; any without it")
    state_bucket: OptionalText = Field(None, description="S3 bucket of the Terraform state; local state without it")
    state_region: OptionalText = Field(None, description="Region of the state bucket; AWS_REGION without it")
    aws_endpoint_url: OptionalText = Field(None, description="Another address of the AWS API: the local AWS")

    vpc_cidr: str = Field("10.0.0.0/16", description="Addresses of the VPC, a /16")
    availability_zones: OptionalText = Field(None, description="Letters of three zones, such as `a,b,c`")
    nat_gateways: Literal["single", "per-az", "none"] | None = Field(
        None, description="`single`, `per-az` (default of production) or `none` (VPC endpoints instead)"
    )

    db_engine: Literal["aurora-mysql", "aurora-postgresql"] = Field("aurora-mysql", description="Engine of the ledger")
    db_engine_version: str = Field("8.0.mysql_aurora.3.10.0", description="Engine version")
    db_instance_class: str = Field(
        "db.r5.large", description="Class of the database instances", pattern=r"^db\.[a-z0-9-]+(\.[a-z0-9]+)?$"
    )
    db_instance_count: int = Field(2, description="Database instances; 1 for class ephemeral only", ge=1, le=15)
    backtrack_hours: int = Field(72, description="Hours that Aurora can be rewound; 0 turns it off", ge=0, le=72)
    session_ttl_hours: int = Field(24, description="Hours that a payment session is kept", ge=1, le=8760)

    lambda_runtime: str = Field("python3.13", description="Runtime of the functions")
    lambda_memory_mb: int = Field(1024, description="Memory of the payment function, MB", ge=128, le=10240)
    lambda_reserved_concurrency: int | None = Field(
        None, description="Executions kept for the payment function; account pool without it", ge=0, le=1000
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Level of the function's log")
    payment_amount_limit: int = Field(1_000_000, description="Largest amount of a payment", ge=1, le=1_000_000)

    api_authorization: Literal["AWS_IAM", "JWT"] = Field("AWS_IAM", description="Authorization of the payment API")
    api_jwt_issuer: OptionalText = Field(None, description="Issuer URL of the tokens, for authorization JWT")
    api_jwt_audience: OptionalText = Field(None, description="Audience of the tokens, for authorization JWT")
    api_rate_limit: int = Field(100, description="Requests per second the API takes", ge=1, le=10_000)
    api_burst_limit: int = Field(200, description="Requests the API takes at once", ge=1, le=5_000)
    function_url: bool = Field(False, description="Also give the function a URL of its own (AWS_IAM)")
    function_url_authorization: Literal["AWS_IAM"] = Field("AWS_IAM", description="Authorization of the function URL")

    domain: str = Field("testing.local", description="Parent domain; public DNS and TLS with a domain that you own")
    parent_zone_id: OptionalText = Field(None, description="Hosted zone of an owned domain, for the delegation")
    alert_email: OptionalText = Field(None, description="Address that alarms are sent to")

    # One physical name each; the suffix rules keep the longest of them within AWS's limits.
    def name(self, base: str) -> str:
        """Return the physical name `payment-{base}-{suffix}`."""
        return f"payment-{base}-{self.environment_suffix}"

    def regional_name(self, base: str) -> str:
        """Return the physical name `payment-{base}-{Region}-{suffix}`, for what is unique across Regions."""
        return f"payment-{base}-{self.aws_region}-{self.environment_suffix}"

    def parameter_name(self, key: str) -> str:
        """Return the SSM parameter name `/payment/{suffix}/{key}`."""
        return f"/payment/{self.environment_suffix}/{key}"

    @property
    def stack_name(self) -> str:
        return f"TapStack{self.environment_suffix}"

    @property
    def tags(self) -> dict[str, str]:
        """The default tags of every resource."""
        tags = {
            "Project": self.project,
            "Environment": f"payment-{self.environment_suffix}",
            "EnvironmentSuffix": self.environment_suffix,
            "EnvironmentClass": self.environment_class.value,
            "ManagedBy": "cdktf",
            "Owner": self.owner,
        }
        if self.expires_at:
            tags["ExpiresAt"] = self.expires_at.isoformat()
        return tags

    @property
    def protected(self) -> bool:
        """Whether destroying keeps data: class `production` alone. Set ENVIRONMENT_CLASS=staging to turn it off."""
        return self.environment_class is EnvironmentClass.PRODUCTION

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
        return self.domain.rsplit(".", 1)[-1] not in PRIVATE_TOP_LEVEL_DOMAINS

    def subnets(self, offset: int) -> tuple[str, str, str]:
        """Return three /24 blocks of the VPC that begin at the third octet `offset`."""
        blocks = list(ipaddress.ip_network(self.vpc_cidr).subnets(new_prefix=24))
        return str(blocks[offset]), str(blocks[offset + 1]), str(blocks[offset + 2])

    @field_validator("environment_suffix")
    @classmethod
    def _suffix_is_usable(cls, value: str) -> str:
        if len(value) <= SUFFIX_MAX_LENGTH and SUFFIX_PATTERN.fullmatch(value):
            return value
        raise ValueError(
            f"use at most {SUFFIX_MAX_LENGTH} characters of a-z and 0-9 with single hyphens between them, "
            f"for example {suggest_suffix(value)!r}"
        )

    @field_validator("aws_region")
    @classmethod
    def _region_is_known(cls, value: str) -> str:
        if partition_of(value):
            return value
        raise ValueError("no such AWS Region; use one such as 'us-east-1' or 'eu-west-1'")

    @field_validator("architecture", mode="before")
    @classmethod
    def _architecture_is_built(cls, value: object) -> object:
        if value in ("multi-region", "containers"):
            raise ValueError("this architecture is not built yet; use ARCHITECTURE=single-region")
        return value

    @field_validator("vpc_cidr")
    @classmethod
    def _vpc_is_a_private_slash_16(cls, value: str) -> str:
        try:
            network = ipaddress.ip_network(value)
        except ValueError as error:
            raise ValueError(f"{error}; use a private /16 such as 10.0.0.0/16") from None
        if network.version != 4 or network.prefixlen != 16 or not network.is_private:
            raise ValueError("use a private IPv4 /16 such as 10.0.0.0/16")
        return value

    @field_validator("domain")
    @classmethod
    def _domain_is_a_name(cls, value: str) -> str:
        label = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
        if len(value) > 200 or not re.fullmatch(rf"{label}(?:\.{label})+", value):
            raise ValueError("use a lower-case DNS name of two labels or more, such as testing.local")
        if value in RESERVED_DOMAINS or value.endswith(tuple(f".{name}" for name in RESERVED_DOMAINS)):
            raise ValueError("this domain is reserved and never resolves; use a domain that you own, or testing.local")
        return value

    @field_validator("api_authorization", "function_url_authorization", mode="before")
    @classmethod
    def _authorization_is_never_none(cls, value: object) -> object:
        if str(value).upper() == "NONE":
            raise ValueError("that opens payments to everyone; use AWS_IAM")
        return value

    @field_validator("alert_email")
    @classmethod
    def _email_is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
            raise ValueError("use an e-mail address such as oncall@your-company.com")
        return value

    @field_validator("lambda_runtime")
    @classmethod
    def _runtime_is_supported(cls, value: str) -> str:
        if value not in LAMBDA_RUNTIME_ENDS:
            raise ValueError(f"not a supported runtime; use one of {', '.join(LAMBDA_RUNTIME_ENDS)}")
        return value

    @field_validator("db_instance_class")
    @classmethod
    def _instance_class_is_provisioned(cls, value: str) -> str:
        if value == "db.serverless":
            raise ValueError("Serverless v2 cannot be backtracked; use a provisioned class such as db.r5.large")
        return value

    @field_validator("availability_zones")
    @classmethod
    def _three_zone_letters(cls, value: str | None) -> str | None:
        if value is not None and (not re.fullmatch(r"[a-f],[a-f],[a-f]", value) or len(set(value)) != 4):
            raise ValueError("use three different zone letters, such as a,b,c")
        return value

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        for refusal in (self._database_refusal(), self._api_refusal(), self._dns_refusal(), self._zone_refusal()):
            if refusal:
                raise ValueError(refusal)
        return self

    def _database_refusal(self) -> str | None:
        if self.db_engine == "aurora-postgresql" and self.backtrack_hours:
            return (
                f"BACKTRACK_HOURS={self.backtrack_hours} with DB_ENGINE=aurora-postgresql: PostgreSQL has no backtrack; "
                "set BACKTRACK_HOURS=0 and restore to a point in time instead, or use aurora-mysql"
            )
        if self.db_engine == "aurora-postgresql":
            return (
                "DB_ENGINE=aurora-postgresql: the single-region architecture keeps its ledger in aurora-mysql; use that"
            )
        if self.db_engine_version.rpartition(".")[0] not in ENGINE_LINE_ENDS:
            return (
                f"DB_ENGINE_VERSION={self.db_engine_version}: not a supported version; "
                f"use a patch level of {', '.join(ENGINE_LINE_ENDS)}"
            )
        if self.db_instance_count == 1 and self.environment_class is not EnvironmentClass.EPHEMERAL:
            return (
                f"DB_INSTANCE_COUNT=1 with ENVIRONMENT_CLASS={self.environment_class}: one instance survives no zone; "
                "use 2 or more"
            )
        return None

    def _api_refusal(self) -> str | None:
        if self.api_authorization == "JWT" and not (self.api_jwt_issuer and self.api_jwt_audience):
            return "API_AUTHORIZATION=JWT needs API_JWT_ISSUER and API_JWT_AUDIENCE; set both, or use AWS_IAM"
        return None

    def _dns_refusal(self) -> str | None:
        if self.domain_is_owned and not self.parent_zone_id:
            return (
                f"DOMAIN={self.domain} needs PARENT_ZONE_ID, the hosted zone that delegates to this environment; "
                "set it, or use testing.local"
            )
        return None

    def _zone_refusal(self) -> str | None:
        if not self.availability_zones and not zone_letters(self.aws_region):
            return f"AWS_REGION={self.aws_region} has fewer than three availability zones; use another Region"
        return None


def suggest_suffix(value: str) -> str:
    """Return a usable suffix close to `value`."""
    cleaned = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
    return cleaned[:SUFFIX_MAX_LENGTH].strip("-") or "dev"


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
