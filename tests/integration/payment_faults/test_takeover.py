"""The tasks of a Region that takes over, one after the other, on a global database that really changes its primary."""

from __future__ import annotations

from pathlib import Path

import pytest

import payment_recovery
from payments.ledger import Ledger
from payments.region_role import Role
from recovery.global_database import PromotionPendingError
from recovery.service_check import ServiceUnhealthyError
from tests.integration.payment_faults.global_ledger import NAME, eventually
from tests.integration.payment_faults.recovery_function import Ask, recovery
from tests.integration.payment_faults.two_regions import Site, TwoRegions
from tests.unit.payment_system.sample_payments import record, valid_payment


def told(two_regions: TwoRegions, here: Site, there: Site) -> dict[str, str]:
    """The variables of a Region's recovery function."""
    return {
        **two_regions.variables(here),
        "CLUSTER_ID": here.ledger.name,
        "GLOBAL_CLUSTER_ID": NAME,
        "OTHER_REGION": there.region.name,
        "DEPLOYED_ROLE": "primary" if here is two_regions.primary else "secondary",
    }


def promoted(ask: Ask) -> bool:
    try:
        ask("await-promotion")
    except PromotionPendingError:
        return False
    return True


def healthy(ask: Ask) -> bool:
    """The role is known anew within seconds."""
    try:
        return ask("check-service") == {"healthy": True, "role": "primary", "writes": None}
    except ServiceUnhealthyError:
        return False


def take_over(ask: Ask, *, data_loss: bool) -> None:
    """What the state machine asks for, some of it twice."""
    assert ask("fence", allow_unreachable=data_loss)["fenced"]
    with pytest.raises(PromotionPendingError):
        ask("take-role")
    ask("promote", allow_data_loss=data_loss)
    assert ask("promote", allow_data_loss=data_loss) == {"requested": False}
    eventually(lambda: promoted(ask), "the promotion")
    ask("take-role")
    eventually(lambda: healthy(ask), "the service")
    assert (ask("move-dns"), ask("check-dns")) == ({"inverted": None}, {"leads_here": None})


def test_region_takes_over_as_planned_and_back_after_a_loss(tmp_path: Path) -> None:
    with TwoRegions.started(tmp_path) as two_regions:
        first, second = two_regions.primary, two_regions.secondary
        with recovery(told(two_regions, first, second)):
            record(Ledger(payment_recovery.composition().ledger), valid_payment("before"))
        with recovery(told(two_regions, second, first)) as ask:
            examined = ask("examine-regions")
            assert (examined["primary"], examined["this"]) == (first.region.name, second.region.name)
            assert (examined["other_reachable"], examined["already_primary"]) == (True, False)
            take_over(ask, data_loss=False)
            assert ask("examine-regions")["already_primary"]
            assert ask("check-ledger", strict=True)["payments"] == 1
            record(Ledger(payment_recovery.composition().ledger), valid_payment("after"))
        eventually(lambda: arrived(first), "the payment is in the other Region")
        second.ledger.take_away()
        with recovery(told(two_regions, first, second)) as ask:
            assert ask("examine-regions")["primary"] == second.region.name
            take_over(ask, data_loss=True)
            assert ask("examine-regions")["already_primary"]
            assert ask("check-ledger", strict=True)["payments"] == 2
            assert set(ask("find-payments", payment_ids=["before", "after"])["payments"]) == {"before", "after"}
        role = second.region.client("ssm").get_parameter(Name="/payment/faults/region/role")["Parameter"]["Value"]
        assert role == Role.SECONDARY


def arrived(site: Site) -> bool:
    with site.ledger.session("ReaderEndpoint") as execute:
        return bool(execute("SELECT COUNT(*) FROM payments.payments")[0][0] == 2)
