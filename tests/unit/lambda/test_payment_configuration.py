"""Configuration from SSM: read, decrypted, cached, and refused by name when it is of no use."""

from decimal import Decimal

import pytest
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import EndpointConnectionError

from payments.configuration import Configuration, ConfigurationError
from tests.unit.payment_system.payment_account import PaymentAccount

PATH = "/payment/test"


@pytest.fixture
def configuration(account: PaymentAccount) -> Configuration:
    return Configuration(client=account.ssm, path=PATH, max_age=60)


def test_parameters_are_read_and_decrypted(configuration: Configuration) -> None:
    read = configuration.read()
    assert read.amount_limit == Decimal(1_000_000)
    assert read.approval_threshold is None
    assert read.sessions_ttl == 3600
    assert read.fingerprint_key == b"a-key-of-the-tests-0123456789"


def test_parameters_are_cached_until_their_age(account: PaymentAccount, configuration: Configuration) -> None:
    configuration.read()
    account.set_parameter("payments/amount_limit", "5")
    assert configuration.read().amount_limit == Decimal(1_000_000)
    fresh = Configuration(client=account.ssm, path=PATH, max_age=0)
    assert fresh.read().amount_limit == Decimal(5)


def test_threshold_of_approvals_can_be_a_number(account: PaymentAccount, configuration: Configuration) -> None:
    account.set_parameter("payments/approval_threshold", "2500.50")
    assert configuration.read().approval_threshold == Decimal("2500.50")


def test_configuration_outlives_ssm_and_is_read_again_when_it_is_back(
    account: PaymentAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    configuration = Configuration(client=account.ssm, path=PATH, max_age=60, clock=lambda: now[0])
    before = configuration.read()
    account.set_parameter("payments/amount_limit", "5")
    asked = []

    def no_answer(**_request: object) -> None:
        asked.append(now[0])
        raise EndpointConnectionError(endpoint_url="https://ssm.eu-west-1.amazonaws.com")

    with monkeypatch.context() as outage:
        outage.setattr(account.ssm, "get_parameters", no_answer)
        for passed in (59, 1, 29):
            now[0] += passed
            assert configuration.read() == before
    assert asked == [1060.0]
    now[0] += 1
    assert configuration.read().amount_limit == Decimal(5)


def test_configuration_that_was_never_read_is_an_error_while_ssm_is_away(
    account: PaymentAccount, configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_answer(**_request: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://ssm.eu-west-1.amazonaws.com")

    monkeypatch.setattr(account.ssm, "get_parameters", no_answer)
    with pytest.raises((EndpointConnectionError, GetParameterError)):
        configuration.read()


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("payments/amount_limit", "much", "/payment/test/payments/amount_limit is 'much'"),
        ("payments/amount_limit", "0", "at least 1"),
        ("payments/approval_threshold", "None", "approval_threshold is 'None'; a number of at least 1 is expected"),
        ("sessions/ttl_seconds", "NaN", "/payment/test/sessions/ttl_seconds is 'NaN'"),
        ("payments/fingerprint_key", "short", "fewer than 16 bytes"),
    ],
)
def test_useless_value_is_named(
    account: PaymentAccount, configuration: Configuration, key: str, value: str, complaint: str
) -> None:
    account.set_parameter(key, value)
    with pytest.raises(ConfigurationError, match=complaint):
        configuration.read()


def test_missing_parameter_is_an_error(account: PaymentAccount, configuration: Configuration) -> None:
    account.ssm.delete_parameter(Name=f"{PATH}/payments/amount_limit")
    with pytest.raises(GetParameterError, match="amount_limit"):
        configuration.read()
    with pytest.raises(ConfigurationError, match="amount_limit does not exist"):
        configuration.check()
