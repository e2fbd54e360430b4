"""What the deployment tells the running code, by environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


class EnvironmentVariableError(Exception):
    """A variable that the deployment must set is missing or empty."""


@dataclass(frozen=True, kw_only=True)
class RuntimeEnvironment:
    """Names of what the code uses. `parameters_max_age` is the seconds for which a parameter read is trusted."""

    region: str
    environment_suffix: str
    sessions_table: str
    configuration_path: str
    version: str
    parameters_max_age: int

    @classmethod
    def from_variables(cls, variables: Mapping[str, str]) -> Self:
        """Raises `EnvironmentVariableError`, naming the variable."""
        return cls(
            region=_required(variables, "REGION"),
            environment_suffix=_required(variables, "ENVIRONMENT_SUFFIX"),
            sessions_table=_required(variables, "DYNAMODB_TABLE"),
            configuration_path=_required(variables, "CONFIGURATION_PATH").rstrip("/"),
            version=variables.get("AWS_LAMBDA_FUNCTION_VERSION", "unknown"),
            parameters_max_age=_seconds(variables, "POWERTOOLS_PARAMETERS_MAX_AGE", default=300),
        )


def _required(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name, "")
    if not value:
        raise EnvironmentVariableError(f"{name} is not set; the deployment must give it to the function")
    return value


def _seconds(variables: Mapping[str, str], name: str, *, default: int) -> int:
    value = variables.get(name, "") or str(default)
    if not (value.isascii() and value.isdigit()):
        raise EnvironmentVariableError(f"{name} is {value!r}; a whole number of seconds is expected")
    return int(value)
