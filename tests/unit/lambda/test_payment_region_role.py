"""The Region's role: read from SSM, trusted for seconds, and not for long once SSM does not answer."""

from collections.abc import Callable
from typing import Any

import pytest

from payments.configuration import ConfigurationError
from payments.database import LedgerUnavailableError
from payments.region_role import KNOWN_SECONDS, RegionRole, Role
from payments.switches import TRUSTED_SECONDS, Switches, instant
from tests.unit.payment_system.payment_account import ROLE_PARAMETER, PaymentAccount
from tests.unit.payment_system.switch_clock import Clock, Outage


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def role(account: PaymentAccount, clock: Clock) -> RegionRole:
    account.set_role("primary")
    return RegionRole(Switches(client=account.ssm, parameters=[ROLE_PARAMETER], clock=clock), ROLE_PARAMETER)


@pytest.fixture
def begin_outage(account: PaymentAccount, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Outage]:
    def begin() -> Outage:
        outage = Outage(clock)
        monkeypatch.setattr(account.ssm, "get_parameters", outage)
        return outage

    return begin


def test_change_of_the_role_is_seen_within_seconds(account: PaymentAccount, role: RegionRole, clock: Clock) -> None:
    assert role.read() is Role.PRIMARY
    account.set_role("secondary")
    clock.pass_by(TRUSTED_SECONDS - 0.1)
    assert role.read() is Role.PRIMARY
    clock.pass_by(0.1)
    assert role.read() is Role.SECONDARY
    assert TRUSTED_SECONDS <= 5


@pytest.mark.parametrize(("monotonic", "wall"), [(0, 3600), (3600, 0), (0, -3600)])
def test_role_is_read_again_when_either_clock_says_so(
    account: PaymentAccount, role: RegionRole, clock: Clock, monotonic: float, wall: float
) -> None:
    """An environment that was frozen may find that its monotonic clock stood still."""
    assert role.read() is Role.PRIMARY
    account.set_role("secondary")
    clock.monotonic += monotonic
    clock.wall += wall
    assert role.read() is Role.SECONDARY


def test_short_outage_of_ssm_changes_nothing_and_a_long_one_makes_the_role_unknown(
    role: RegionRole, clock: Clock, begin_outage: Callable[[], Outage], output: Callable[[], list[dict[str, Any]]]
) -> None:
    role.read()
    outage = begin_outage()
    clock.pass_by(KNOWN_SECONDS - 0.1)
    assert role.read() is Role.PRIMARY
    clock.pass_by(0.1)
    with pytest.raises(LedgerUnavailableError, match="whether this Region takes payments is not known"):
        role.read()
    assert outage.asked == 1
    (warning,) = output()
    assert (warning["message"], warning["parameters"]) == ("switches could not be read", [ROLE_PARAMETER])
    assert "Could not connect" in warning["error"]


def test_ssm_that_does_not_answer_is_asked_as_seldom_as_one_that_does(
    role: RegionRole, clock: Clock, begin_outage: Callable[[], Outage]
) -> None:
    role.read()
    clock.pass_by(TRUSTED_SECONDS)
    outage = begin_outage()
    outage.seconds = 4
    for _ in range(10):
        role.read()
        clock.pass_by(1)
    assert outage.asked == 2


def test_role_is_known_again_once_ssm_is_back(account: PaymentAccount, role: RegionRole, clock: Clock) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account.ssm, "get_parameters", Outage(clock))
        for _ in range(2):
            with pytest.raises(LedgerUnavailableError):
                role.read()
    clock.pass_by(TRUSTED_SECONDS)
    assert role.read() is Role.PRIMARY


def test_answer_that_took_long_is_as_old_as_its_question(
    account: PaymentAccount, role: RegionRole, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_parameters = account.ssm.get_parameters

    def answer_late(**request: Any) -> Any:
        answer = get_parameters(**request)
        clock.pass_by(TRUSTED_SECONDS)
        return answer

    with monkeypatch.context() as slow:
        slow.setattr(account.ssm, "get_parameters", answer_late)
        assert role.read() is Role.PRIMARY
    account.set_role("secondary")
    assert role.read() is Role.SECONDARY


@pytest.mark.parametrize("value", ["Primary", "primary ", "none"])
def test_value_that_is_no_role_is_named_and_no_role_of_before_is_used(
    account: PaymentAccount, role: RegionRole, clock: Clock, value: str
) -> None:
    role.read()
    account.set_role(value)
    clock.pass_by(TRUSTED_SECONDS)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=f"{ROLE_PARAMETER} is '{value}'; primary or secondary"):
            role.read()


def test_check_asks_ssm_whatever_is_known(account: PaymentAccount, role: RegionRole) -> None:
    role.read()
    account.set_role("secondary")
    assert role.check() is role.read() is Role.SECONDARY


def test_both_clocks_are_read() -> None:
    monotonic, wall = instant()
    assert monotonic <= instant()[0]
    assert wall > 1_700_000_000
