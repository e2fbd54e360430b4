"""What the deployment tells the code by environment variables; what is missing is named."""

import pytest

from payments.environment import (
    DatabaseEnvironment,
    EnvironmentVariableError,
    MigrationEnvironment,
    RuntimeEnvironment,
)

DATABASE = DatabaseEnvironment(
    engine="aurora-mysql",
    host="127.0.0.1",
    reader_host="127.0.0.1",
    port=3307,
    name="payments",
    authentication="secret",
    user="payment_app",
    secret_arn="payment-app-test",
)


def test_variables_become_the_environment(variables: dict[str, str]) -> None:
    given = {**variables, "CONFIGURATION_PATH": "/payment/test/", "DB_PORT": "3307", "APPROVAL_STATE_MACHINE_ARN": ""}
    assert RuntimeEnvironment.from_variables(given) == RuntimeEnvironment(
        region="eu-west-1",
        region_role_parameter=None,
        writes_parameter=None,
        environment_suffix="test",
        database=DATABASE,
        sessions_table="payment-sessions-test",
        event_bus="payment-events-test",
        approval_state_machine_arn=None,
        configuration_path="/payment/test",
        version="unknown",
        parameters_max_age=300,
    )


def test_region_with_a_role_has_a_reader(variables: dict[str, str]) -> None:
    given = {**variables, "REGION_ROLE_PARAMETER": "/payment/test/region/role"}
    read = RuntimeEnvironment.from_variables({**given, "DB_READER_ENDPOINT": "reader"})
    assert read.region_role_parameter == "/payment/test/region/role"
    assert (read.database.host, read.database.reader_host) == ("127.0.0.1", "reader")
    with pytest.raises(EnvironmentVariableError, match="DB_READER_ENDPOINT is not set"):
        RuntimeEnvironment.from_variables(given)


def test_reader_of_an_environment_in_one_region_is_its_writer(variables: dict[str, str]) -> None:
    read = RuntimeEnvironment.from_variables({**variables, "DB_READER_ENDPOINT": "reader"})
    assert read.database.reader_host == "127.0.0.1"


def test_migrations_need_the_master_secret_too(variables: dict[str, str]) -> None:
    given = {**variables, "DB_MASTER_SECRET_ARN": "master", "DB_PORT": "3307"}
    assert MigrationEnvironment.from_variables(given) == MigrationEnvironment(
        region="eu-west-1", database=DATABASE, master_secret_arn="master"
    )
    with pytest.raises(EnvironmentVariableError, match="DB_MASTER_SECRET_ARN is not set"):
        MigrationEnvironment.from_variables(variables)


@pytest.mark.parametrize(
    "name",
    [
        *("REGION", "ENVIRONMENT_SUFFIX", "DYNAMODB_TABLE", "CONFIGURATION_PATH", "EVENT_BUS_NAME"),
        *("DB_ENDPOINT", "DB_NAME", "DB_USER", "DB_SECRET_ARN"),
    ],
)
def test_missing_variable_is_named(variables: dict[str, str], name: str) -> None:
    with pytest.raises(EnvironmentVariableError, match=f"{name} is not set"):
        RuntimeEnvironment.from_variables({**variables, name: ""})


def test_database_has_defaults_for_engine_port_and_authentication(variables: dict[str, str]) -> None:
    read = DatabaseEnvironment.from_variables({**variables, "DB_PORT": "", "DB_AUTHENTICATION": ""})
    assert (read.engine, read.port, read.authentication) == ("aurora-mysql", 3306, "secret")


def test_engine_has_its_own_port(variables: dict[str, str]) -> None:
    read = DatabaseEnvironment.from_variables({**variables, "DB_ENGINE": "aurora-postgresql", "DB_PORT": ""})
    assert (read.engine, read.port) == ("aurora-postgresql", 5432)


def test_unknown_engine_is_refused(variables: dict[str, str]) -> None:
    expected = "DB_ENGINE is 'postgres'; aurora-mysql or aurora-postgresql is expected"
    with pytest.raises(EnvironmentVariableError, match=expected):
        DatabaseEnvironment.from_variables({**variables, "DB_ENGINE": "postgres"})


def test_authentication_with_iam_needs_no_secret(variables: dict[str, str]) -> None:
    read = DatabaseEnvironment.from_variables({**variables, "DB_AUTHENTICATION": "iam", "DB_SECRET_ARN": ""})
    assert (read.authentication, read.secret_arn) == ("iam", "")


def test_unknown_authentication_is_refused(variables: dict[str, str]) -> None:
    with pytest.raises(EnvironmentVariableError, match="DB_AUTHENTICATION is 'kerberos'; secret or iam is expected"):
        DatabaseEnvironment.from_variables({**variables, "DB_AUTHENTICATION": "kerberos"})


def test_age_of_parameters_is_a_setting(variables: dict[str, str]) -> None:
    def read(value: str) -> int:
        return RuntimeEnvironment.from_variables(
            {**variables, "POWERTOOLS_PARAMETERS_MAX_AGE": value}
        ).parameters_max_age

    assert read("10") == 10
    with pytest.raises(EnvironmentVariableError, match="POWERTOOLS_PARAMETERS_MAX_AGE is '-1'"):
        read("-1")
