"""What the deployment tells the running code, by environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from payments.engines import AURORA_MYSQL, AURORA_POSTGRESQL, ENGINES

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
DEFAULT_PORTS = {AURORA_MYSQL: 3306, AURORA_POSTGRESQL: 5432}


class EnvironmentVariableError(Exception):
    """A variable that the deployment must set is missing or empty."""


@dataclass(frozen=True, kw_only=True)
class DatabaseEnvironment:
    """Where the ledger is and how to log in. `secret_arn` is set for `secret`, `user` is used for `iam`.

    In a secondary Region `reader_host` answers; it is that of the writer in an environment in one Region.
    """

    engine: str
    host: str
    reader_host: str
    port: int
    name: str
    authentication: str
    user: str
    secret_arn: str

    @classmethod
    def from_variables(cls, variables: Mapping[str, str]) -> Self:
        """Raises `EnvironmentVariableError`, naming the variable."""
        authentication = variables.get("DB_AUTHENTICATION") or "secret"
        if authentication not in ("secret", "iam"):
            raise EnvironmentVariableError(f"DB_AUTHENTICATION is {authentication!r}; secret or iam is expected")
        engine = variables.get("DB_ENGINE") or AURORA_MYSQL
        if engine not in ENGINES:
            raise EnvironmentVariableError(f"DB_ENGINE is {engine!r}; {' or '.join(ENGINES)} is expected")
        host = _required(variables, "DB_ENDPOINT")
        return cls(
            engine=engine,
            host=host,
            reader_host=_required(variables, "DB_READER_ENDPOINT") if variables.get("REGION_ROLE_PARAMETER") else host,
            port=_whole_number(variables, "DB_PORT", default=DEFAULT_PORTS[engine]),
            name=_required(variables, "DB_NAME"),
            authentication=authentication,
            user=_required(variables, "DB_USER"),
            secret_arn=_required(variables, "DB_SECRET_ARN") if authentication == "secret" else "",
        )


@dataclass(frozen=True, kw_only=True)
class RuntimeEnvironment:
    """Names of what the code uses. `parameters_max_age` is the seconds for which a parameter read is trusted.

    `region_role_parameter` is None in an environment in one Region, `writes_parameter` where nothing stops writers.
    """

    region: str
    region_role_parameter: str | None
    writes_parameter: str | None
    environment_suffix: str
    database: DatabaseEnvironment
    sessions_table: str
    event_bus: str
    approval_state_machine_arn: str | None
    configuration_path: str
    version: str
    parameters_max_age: int

    @classmethod
    def from_variables(cls, variables: Mapping[str, str]) -> Self:
        """Raises `EnvironmentVariableError`, naming the variable."""
        return cls(
            region=_required(variables, "REGION"),
            region_role_parameter=variables.get("REGION_ROLE_PARAMETER") or None,
            writes_parameter=variables.get("WRITES_PARAMETER") or None,
            environment_suffix=_required(variables, "ENVIRONMENT_SUFFIX"),
            database=DatabaseEnvironment.from_variables(variables),
            sessions_table=_required(variables, "DYNAMODB_TABLE"),
            event_bus=_required(variables, "EVENT_BUS_NAME"),
            approval_state_machine_arn=variables.get("APPROVAL_STATE_MACHINE_ARN") or None,
            configuration_path=_required(variables, "CONFIGURATION_PATH").rstrip("/"),
            version=variables.get("AWS_LAMBDA_FUNCTION_VERSION", "unknown"),
            parameters_max_age=_whole_number(variables, "POWERTOOLS_PARAMETERS_MAX_AGE", default=300),
        )


def _required(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name, "")
    if not value:
        raise EnvironmentVariableError(f"{name} is not set; the deployment must give it to the function")
    return value


def _whole_number(variables: Mapping[str, str], name: str, *, default: int) -> int:
    value = variables.get(name, "") or str(default)
    if not (value.isascii() and value.isdigit()):
        raise EnvironmentVariableError(f"{name} is {value!r}; a whole number is expected")
    return int(value)


@dataclass(frozen=True, kw_only=True)
class MigrationEnvironment:
    """What the migrations need. The secret is the master user's."""

    region: str
    database: DatabaseEnvironment
    master_secret_arn: str

    @classmethod
    def from_variables(cls, variables: Mapping[str, str]) -> Self:
        """Raises `EnvironmentVariableError`, naming the variable."""
        return cls(
            region=_required(variables, "REGION"),
            database=DatabaseEnvironment.from_variables(variables),
            master_secret_arn=_required(variables, "DB_MASTER_SECRET_ARN"),
        )
