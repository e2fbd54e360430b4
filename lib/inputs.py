"""Every input of the app: its variable, its default and the rule that it must keep.

Precedence: environment variable, then `.env`, then the default written here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from lib import input_rules as rules


class EnvironmentClass(StrEnum):
    """How much an environment is protected: only `production` keeps anything when it is destroyed."""

    EPHEMERAL = "ephemeral"
    STAGING = "staging"
    PRODUCTION = "production"


OptionalText = Annotated[str | None, BeforeValidator(rules.none_if_blank)]


class Inputs(BaseSettings):
    """The inputs. Field names in upper case are the names of the environment variables."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        # Built for the settings alone, which are these with what follows from them.
        defer_build=True,
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
