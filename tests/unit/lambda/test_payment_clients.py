"""Calls to AWS that are not answered end while there is time for an answer to the client."""

import socket
import time

import pytest

from payments import clients
from payments.database import LedgerUnavailableError
from payments.region_role import RegionRole
from payments.switches import TRUSTED_SECONDS, Switches
from tests.unit.payment_system.payment_account import REGION, ROLE_PARAMETER


@pytest.mark.usefixtures("variables")
def test_silent_ssm_holds_up_a_payment_for_less_than_the_role_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", f"http://127.0.0.1:{silent.getsockname()[1]}")
        switches = Switches(client=clients.ssm_for_switches(REGION), parameters=[ROLE_PARAMETER])
        role = RegionRole(switches, ROLE_PARAMETER)
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(LedgerUnavailableError):
                role.read()
    assert time.monotonic() - began < TRUSTED_SECONDS
