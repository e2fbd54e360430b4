"""The switch that stops all writers: seen within seconds, and as it was read last while SSM does not answer."""

from typing import Any

import pytest

from payments.configuration import ConfigurationError
from payments.database import LedgerUnavailableError
from payments.region_role import KNOWN_SECONDS, RegionRole, Role
from payments.switches import TRUSTED_SECONDS, Switches
from payments.writes_switch import WritersStoppedError, Writes, WritesSwitch
from tests.unit.payment_system.payment_account import ROLE_PARAMETER, WRITES_PARAMETER, PaymentAccount
from tests.unit.payment_system.switch_clock import Clock, Outage


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def writes(account: PaymentAccount, clock: Clock) -> WritesSwitch:
    account.set_writes("open")
    return WritesSwitch(Switches(client=account.ssm, parameters=[WRITES_PARAMETER], clock=clock), WRITES_PARAMETER)


@pytest.fixture
def outage(account: PaymentAccount, clock: Clock, writes: WritesSwitch, monkeypatch: pytest.MonkeyPatch) -> Outage:
    """Begins when the switch has been read."""
    writes.require_open()
    outage = Outage(clock)
    monkeypatch.setattr(account.ssm, "get_parameters", outage)
    return outage


def test_stop_and_start_are_seen_within_seconds(account: PaymentAccount, writes: WritesSwitch, clock: Clock) -> None:
    writes.require_open()
    account.set_writes("stopped")
    clock.pass_by(TRUSTED_SECONDS - 0.1)
    writes.require_open()
    clock.pass_by(0.1)
    with pytest.raises(WritersStoppedError, match="an operator has stopped all writers"):
        writes.require_open()
    account.set_writes("open")
    clock.pass_by(TRUSTED_SECONDS)
    writes.require_open()


def test_outage_of_ssm_stops_no_writer(writes: WritesSwitch, clock: Clock, outage: Outage) -> None:
    for _ in range(3):
        clock.pass_by(10 * KNOWN_SECONDS)
        writes.require_open()
    assert outage.asked == 3


def test_writers_that_were_stopped_stay_so_in_an_outage_of_ssm(
    account: PaymentAccount, writes: WritesSwitch, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.set_writes("stopped")
    with pytest.raises(WritersStoppedError):
        writes.require_open()
    monkeypatch.setattr(account.ssm, "get_parameters", Outage(clock))
    clock.pass_by(10 * KNOWN_SECONDS)
    with pytest.raises(WritersStoppedError):
        writes.require_open()


def test_process_that_never_read_the_switch_writes_nothing(
    account: PaymentAccount, writes: WritesSwitch, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as silent:
        silent.setattr(account.ssm, "get_parameters", Outage(clock))
        with pytest.raises(LedgerUnavailableError, match="whether writers are stopped is not known"):
            writes.require_open()
    clock.pass_by(TRUSTED_SECONDS)
    writes.require_open()


@pytest.mark.parametrize("value", ["Open", "closed"])
def test_value_that_is_none_is_named(account: PaymentAccount, writes: WritesSwitch, value: str) -> None:
    account.set_writes(value)
    with pytest.raises(ConfigurationError, match=f"{WRITES_PARAMETER} is '{value}'; open or stopped"):
        writes.require_open()


def test_check_asks_ssm_whatever_is_known(account: PaymentAccount, writes: WritesSwitch) -> None:
    writes.require_open()
    account.set_writes("stopped")
    assert writes.check() is Writes.STOPPED
    account.ssm.delete_parameter(Name=WRITES_PARAMETER)
    with pytest.raises(ConfigurationError, match=f"{WRITES_PARAMETER} does not exist"):
        writes.check()


def test_role_and_switch_are_read_together_and_one_that_is_missing_leaves_the_other(
    account: PaymentAccount, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.set_role("primary")
    account.set_writes("open")
    asked: list[list[str]] = []
    get_parameters = account.ssm.get_parameters

    def note(**request: Any) -> object:
        asked.append(request["Names"])
        return get_parameters(**request)

    monkeypatch.setattr(account.ssm, "get_parameters", note)
    both = [ROLE_PARAMETER, WRITES_PARAMETER]
    switches = Switches(client=account.ssm, parameters=both, clock=clock)
    role, writes = RegionRole(switches, ROLE_PARAMETER), WritesSwitch(switches, WRITES_PARAMETER)
    assert role.read() is Role.PRIMARY
    writes.require_open()
    assert asked == [both]
    account.ssm.delete_parameter(Name=ROLE_PARAMETER)
    clock.pass_by(KNOWN_SECONDS)
    writes.require_open()
    with pytest.raises(LedgerUnavailableError):
        role.read()
    assert asked == [both, both]
