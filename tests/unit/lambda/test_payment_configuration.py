"""Configuration from SSM and from the deployment's variables."""

from decimal import Decimal
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from payments.configuration import Configuration, ConfigurationError
from payments.environment import EnvironmentVariableError, RuntimeEnvironment

PATH = "/payment/test"


@pytest.fixture
def configuration(deployment: Any) -> Configuration:
    return Configuration(client=deployment.ssm, path=PATH, max_age=60)


def test_parameters_are_read_and_decrypted(configuration: Configuration) -> None:
    read = configuration.read()
    assert read.amount_limit == Decimal(1_000_000)
    assert read.sessions_ttl == 3600
    assert read.fingerprint_key == b"a-key-of-the-tests-0123456789"


def test_parameters_are_cached_until_their_age(deployment: Any, configuration: Configuration) -> None:
    configuration.read()
    deployment.set_parameter("payments/amount_limit", "5")
    assert configuration.read().amount_limit == Decimal(1_000_000)
    fresh = Configuration(client=deployment.ssm, path=PATH, max_age=0)
    assert fresh.read().amount_limit == Decimal(5)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("payments/amount_limit", "much", "/payment/test/payments/amount_limit is 'much'"),
        ("payments/amount_limit", "0", "at least 1"),
        ("sessions/ttl_seconds", "NaN", "/payment/test/sessions/ttl_seconds is 'NaN'"),
        ("payments/fingerprint_key", "short", "fewer than 16 bytes"),
    ],
)
def test_useless_value_is_named(
    deployment: Any, configuration: Configuration, key: str, value: str, complaint: str
) -> None:
    deployment.set_parameter(key, value)
    with pytest.raises(ConfigurationError, match=complaint):
        configuration.read()


def test_missing_parameter_is_an_error(deployment: Any, configuration: Configuration) -> None:
    deployment.ssm.delete_parameter(Name=f"{PATH}/payments/amount_limit")
    with pytest.raises(GetParameterError, match="amount_limit"):
        configuration.read()
    with pytest.raises(ConfigurationError, match="amount_limit does not exist"):
        configuration.check()


def test_variables_become_the_environment(variables: dict[str, str]) -> None:
    environment = RuntimeEnvironment.from_variables({**variables, "CONFIGURATION_PATH": "/payment/test/"})
    assert environment == RuntimeEnvironment(
        region="eu-west-1",
        environment_suffix="test",
        sessions_table="payment-sessions-test",
        configuration_path="/payment/test",
        version="unknown",
        parameters_max_age=300,
    )


@pytest.mark.parametrize("name", ["REGION", "ENVIRONMENT_SUFFIX", "DYNAMODB_TABLE", "CONFIGURATION_PATH"])
def test_missing_variable_is_named(variables: dict[str, str], name: str) -> None:
    with pytest.raises(EnvironmentVariableError, match=f"{name} is not set"):
        RuntimeEnvironment.from_variables({**variables, name: ""})


def test_age_of_parameters_is_a_setting(variables: dict[str, str]) -> None:
    def read(value: str) -> int:
        return RuntimeEnvironment.from_variables(
            {**variables, "POWERTOOLS_PARAMETERS_MAX_AGE": value}
        ).parameters_max_age

    assert read("10") == 10
    with pytest.raises(EnvironmentVariableError, match="POWERTOOLS_PARAMETERS_MAX_AGE is '-1'"):
        read("-1")
