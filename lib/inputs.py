"""Every input of the app: its variable, its default and the rule that it must keep.

Precedence: environment variable, then `.env`, then the default written here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from lib import input_rules as rules
from lib.architecture_defaults import CANARY_RUNTIME, POSTGRESQL_VERSION, with_defaults


class EnvironmentClass(StrEnum):
    """How much an environment is protected: only `production` keeps anything when it is destroyed."""

    EPHEMERAL = "ephemeral"
    STAGING = "staging"
    PRODUCTION = "production"


Architecture = Literal["single-region", "multi-region", "containers", "account"]
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

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_architecture(cls, given: dict[str, Any]) -> dict[str, Any]:
        return with_defaults(given)

    environment_suffix: Annotated[str, AfterValidator(rules.usable_suffix)] = Field(
        "dev", description="Name of the environment; part of every resource name and of the state's"
    )
    aws_region: Annotated[str, AfterValidator(rules.known_region)] = Field(
        "us-east-1", description="AWS Region with three availability zones"
    )
    architecture: Architecture = Field(
        "single-region",
        description="Which stack is synthesized: of payments the first three; `account` audits an account, once",
    )
    secondary_region: Annotated[str, AfterValidator(rules.known_region)] = Field(
        "us-west-2", description="The other AWS Region of the architecture `multi-region`"
    )
    standby_region: Annotated[OptionalText, AfterValidator(rules.known_region_or_none)] = Field(
        None, description="Standby Region of the architecture `containers`, such as `us-east-2`; one Region without it"
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
        "aurora-mysql", description="Engine of the ledger; `aurora-postgresql` for `containers` and nothing else"
    )
    db_engine_version: str = Field(
        "8.0.mysql_aurora.3.10.0",
        description="Engine version: a patch level of a supported line; with `aurora-postgresql` "
        f"`{POSTGRESQL_VERSION}` without it",
    )
    db_instance_class: Annotated[str, AfterValidator(rules.provisioned_class)] = Field(
        "db.r5.large",
        description="Class of the database instances; in `containers` `db.r6g.xlarge` in production, else "
        "`db.t4g.medium`, or `db.r6g.large` with a standby Region",
    )
    db_instance_count: int = Field(2, description="Database instances; 1 for class ephemeral only", ge=1, le=15)
    db_authentication: Literal["secret", "iam"] | None = Field(
        None,
        description="How payments log in to the ledger: `secret` (default) or `iam` (default with a proxy, and in "
        "`containers`)",
    )
    db_proxy: bool = Field(False, description="Put an RDS Proxy in front of the ledger; its clients log in with IAM")
    db_password_version: int = Field(
        1, description="Raise it to give the function a new database password at the next deploy", ge=1, le=1_000_000
    )
    backtrack_hours: int | None = Field(
        None,
        description="Hours that Aurora MySQL can be rewound, 72 without it; 0 turns it off, as it is in a global "
        "database and in PostgreSQL",
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

    api_authorization: Annotated[Literal["AWS_IAM", "JWT", "API_KEY"], BeforeValidator(rules.never_none)] = Field(
        "AWS_IAM",
        description="Authorization of the payment API; in `containers` `API_KEY` (its default) or `JWT`",
    )
    api_jwt_issuer: OptionalText = Field(None, description="Issuer URL of the tokens, for authorization JWT")
    api_jwt_audience: OptionalText = Field(None, description="Audience of the tokens, for authorization JWT")
    api_key_version: int = Field(
        1, description="Raise it to make a new key for the callers at the next deploy", ge=1, le=1_000_000
    )
    api_rate_limit: int = Field(100, description="Requests per second the API takes", ge=1, le=10_000)
    api_burst_limit: int = Field(200, description="Requests the API takes at once", ge=1, le=5_000)
    function_url: bool = Field(False, description="Also give the function a URL of its own (AWS_IAM)")
    function_url_authorization: Annotated[Literal["AWS_IAM"], BeforeValidator(rules.never_none)] = Field(
        "AWS_IAM", description="Authorization of the function URL"
    )

    deployment_strategy: Literal["rolling", "blue-green"] = Field(
        "rolling", description="How the payment service of `containers` is deployed: by ECS itself or by CodeDeploy"
    )
    service_min_tasks: int = Field(2, description="Fewest tasks of the payment service; 10 in production", ge=1, le=500)
    service_max_tasks: int = Field(4, description="Most tasks of the payment service; 50 in production", ge=1, le=1000)
    service_cpu: int = Field(1024, description="CPU of a task, 1,024 units a vCPU", ge=256, le=4096)
    service_memory_mb: int = Field(2048, description="Memory of a task, MB", ge=512, le=30720)
    waf_rate_limit: int = Field(
        2000, description="Requests in 5 minutes after which WAF blocks an address", ge=10, le=2_000_000_000
    )
    canary_runtime: Annotated[str, AfterValidator(rules.supported_canary_runtime)] = Field(
        CANARY_RUNTIME, description="Runtime of the canaries of `containers`, one that AWS supports"
    )

    account_guardduty: bool = Field(False, description="Turn GuardDuty on in the architecture `account`")
    account_config: bool = Field(False, description="Record the account's resources with AWS Config in `account`")
    account_security_hub: bool = Field(False, description="Turn Security Hub on in the architecture `account`")

    domain: Annotated[str, AfterValidator(rules.resolvable_domain)] = Field(
        "testing.local", description="Parent domain; public DNS and TLS with a domain that you own"
    )
    parent_zone_id: OptionalText = Field(None, description="Hosted zone of an owned domain, for the delegation")
    alert_email: Annotated[OptionalText, AfterValidator(rules.email_address)] = Field(
        None, description="Address that alarms are sent to"
    )
