"""Where the API's name leads, and that it is led here whether the other Region still answers or not."""

from typing import Any

import pytest

from payments.region_role import Role
from recovery.dns import DnsNotMovedError, FailoverName


class Route53:
    """The health check of the record PRIMARY, as so many of a hundred checkers see it."""

    def __init__(self, *, well: int, inverted: bool = False, disabled: bool = False) -> None:
        self.well = well
        self.inverted = inverted
        self.disabled = disabled
        self.updates = 0

    def get_health_check(self, **request: Any) -> dict[str, Any]:
        assert request == {"HealthCheckId": "check"}
        return {"HealthCheck": {"HealthCheckConfig": {"Inverted": self.inverted, "Disabled": self.disabled}}}

    def get_health_check_status(self, **request: Any) -> dict[str, Any]:
        assert request == {"HealthCheckId": "check"}
        status = ["Success: HTTP Status Code 200, OK"] * self.well + ["Failure: no connection"] * (100 - self.well)
        return {"HealthCheckObservations": [{"StatusReport": {"Status": one}} for one in status]}

    def update_health_check(self, **request: Any) -> None:
        assert request.pop("HealthCheckId") == "check"
        self.inverted = request["Inverted"]
        self.updates += 1


def name_of(route53: Route53, role: Role, check: str | None = "check") -> FailoverName:
    return FailoverName(route53=route53, health_check_id=check, deployed_role=role)


@pytest.mark.parametrize(
    ("role", "well", "inverted"),
    [
        (Role.SECONDARY, 100, True),
        (Role.SECONDARY, 19, True),
        (Role.SECONDARY, 18, False),
        (Role.SECONDARY, 0, False),
        (Role.PRIMARY, 100, False),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_name_is_led_here_once(role: Role, well: int, inverted: bool, before: bool) -> None:
    route53 = Route53(well=well, inverted=before)
    name = name_of(route53, role)
    for _ in range(2):
        assert name.move_here() == {"inverted": inverted}
    assert (route53.inverted, route53.updates) == (inverted, int(before != inverted))
    assert name.require_here() == {"leads_here": True}


@pytest.mark.parametrize(
    ("well", "inverted", "role"),
    [(100, False, Role.SECONDARY), (0, True, Role.SECONDARY), (100, True, Role.PRIMARY), (0, False, Role.PRIMARY)],
)
def test_name_that_leads_elsewhere_is_told(well: int, inverted: bool, role: Role) -> None:
    with pytest.raises(DnsNotMovedError, match="leads to the Region that was deployed as"):
        name_of(Route53(well=well, inverted=inverted), role).require_here()


def test_check_that_is_disabled_counts_as_well() -> None:
    route53 = Route53(well=0, disabled=True)
    assert name_of(route53, Role.PRIMARY).require_here() == {"leads_here": True}
    assert name_of(route53, Role.SECONDARY).move_here() == {"inverted": True}


def test_without_a_name_there_is_nothing_to_move() -> None:
    name = name_of(Route53(well=100), Role.SECONDARY, None)
    assert name.move_here() == {"inverted": None}
    assert name.require_here() == {"leads_here": None}
