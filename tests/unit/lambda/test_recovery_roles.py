"""Both Regions' roles, and the tasks of a takeover."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from payments.region_role import Role
from recovery.aws import client, is_unreachable
from recovery.inputs import TaskInputError
from recovery.roles import FenceError, Roles
from recovery.two_regions import TwoRegions

HERE, THERE = "eu-central-1", "eu-west-1"
PARAMETER = "/payment/test/region/role"


def refusal(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetParameter")


UNREACHABLE = [
    EndpointConnectionError(endpoint_url="https://ssm.eu-west-1.amazonaws.com"),
    refusal("InternalServerError", 500),
    refusal("ServiceUnavailable", 503),
]


class Both:
    """SSM of both Regions, and what the other one fails with."""

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {region: client("ssm", region) for region in (HERE, THERE)}
        self.fault: Exception | None = None
        self.now = datetime.now(UTC)
        self.set(HERE, "secondary")
        self.set(THERE, "primary")

    def set(self, region: str, role: str) -> None:
        self._clients[region].put_parameter(Name=PARAMETER, Value=role, Type="String", Overwrite=True)

    def role(self, region: str) -> str:
        return str(self._clients[region].get_parameter(Name=PARAMETER)["Parameter"]["Value"])

    def ssm_in(self, region: str) -> Any:
        if region == THERE and self.fault:
            return Mock(**{f"{name}.side_effect": self.fault for name in ("get_parameter", "put_parameter")})
        return self._clients[region]

    def roles(self) -> Roles:
        return Roles(ssm_in=self.ssm_in, parameter=PARAMETER, here=HERE, there=THERE, now=lambda: self.now)


@pytest.fixture
def both(variables: dict[str, str]) -> Iterator[Both]:
    assert variables
    with mock_aws():
        yield Both()


def test_fence_takes_the_others_role_and_says_how_long_to_wait(both: Both) -> None:
    assert both.roles().fence(allow_unreachable=False) == {"fenced": True, "wait_seconds": 35}
    assert both.role(THERE) == Role.SECONDARY
    both.now = datetime.now(UTC) + timedelta(seconds=20)
    again: Any = both.roles().fence(allow_unreachable=False)
    assert again["fenced"]
    assert 10 <= again["wait_seconds"] <= 16
    both.now = datetime.now(UTC) + timedelta(hours=1)
    assert both.roles().fence(allow_unreachable=False) == {"fenced": True, "wait_seconds": 0}
    both.now = datetime.now(UTC) - timedelta(hours=1)
    assert both.roles().fence(allow_unreachable=True) == {"fenced": True, "wait_seconds": 35}


@pytest.mark.parametrize("fault", UNREACHABLE)
def test_other_that_is_away_is_passed_over_only_when_that_is_allowed(both: Both, fault: Exception) -> None:
    both.fault = fault
    assert is_unreachable(fault)
    with pytest.raises(FenceError, match=f"{THERE} could not be told"):
        both.roles().fence(allow_unreachable=False)
    assert both.roles().fence(allow_unreachable=True) == {"fenced": False, "wait_seconds": 90}
    assert both.roles().other() is None
    with pytest.raises(FenceError):
        both.roles().unfence()


def test_other_that_refuses_is_never_passed_over(both: Both) -> None:
    both.fault = refusal("AccessDeniedException", 400)
    with pytest.raises(FenceError, match="ClientError"):
        both.roles().fence(allow_unreachable=True)
    with pytest.raises(ClientError, match="AccessDenied"):
        both.roles().other()
    assert not is_unreachable(ValueError())


def test_roles_are_given_and_given_back(both: Both) -> None:
    roles = both.roles()
    assert (roles.own(), roles.other()) == ("secondary", "primary")
    roles.fence(allow_unreachable=False)
    assert roles.unfence() == {"unfenced": True}
    assert both.role(THERE) == Role.PRIMARY
    assert roles.take() == {"role": "primary"}
    assert both.role(HERE) == Role.PRIMARY


def takeover(both: Both, **database: Any) -> tuple[TwoRegions, Mock, Mock]:
    described, name = Mock(**database), Mock()
    regions = TwoRegions(region=HERE, database=described, roles=both.roles(), name=name)
    return regions, described, name


@pytest.mark.parametrize(
    ("leads", "own", "other", "over"),
    [
        (THERE, "secondary", "primary", False),
        (HERE, "secondary", "secondary", False),
        (HERE, "primary", "primary", False),
        (HERE, "primary", "secondary", True),
        (HERE, "primary", None, True),
        (None, "primary", "secondary", False),
    ],
)
def test_takeover_is_over_once_database_and_roles_say_so(
    both: Both, leads: str | None, own: str, other: str | None, over: bool
) -> None:
    both.set(HERE, own)
    if other:
        both.set(THERE, other)
    else:
        both.fault = UNREACHABLE[0]
    regions, _, _ = takeover(both, **{"leading_region.return_value": leads, "lag_seconds.return_value": 0.2})
    assert regions.tasks()["examine-regions"]({}) == {
        "primary": leads,
        "this": HERE,
        "other_reachable": other is not None,
        "already_primary": over,
        "lag_seconds": 0.2,
    }


def test_role_is_taken_only_where_the_database_is(both: Both) -> None:
    regions, database, _ = takeover(both, **{"require_leadership.side_effect": RuntimeError("not yet")})
    with pytest.raises(RuntimeError):
        regions.tasks()["take-role"]({})
    assert both.role(HERE) == Role.SECONDARY
    database.require_leadership.side_effect = None
    regions.tasks()["take-role"]({})
    assert both.role(HERE) == Role.PRIMARY


def test_each_task_reaches_its_part(both: Both) -> None:
    regions, database, name = takeover(both)
    tasks = regions.tasks()
    assert tasks["fence"]({"allow_unreachable": True})["fenced"] is True
    assert tasks["unfence"]({}) == {"unfenced": True}
    assert tasks["promote"]({"allow_data_loss": True}) is database.promote.return_value
    database.promote.assert_called_once_with(allow_data_loss=True)
    assert tasks["await-promotion"]({}) is database.require_leadership.return_value
    assert tasks["move-dns"]({}) is name.move_here.return_value
    assert tasks["check-dns"]({}) is name.require_here.return_value
    with pytest.raises(TaskInputError, match="allow_data_loss is 'yes'; true or false is expected"):
        tasks["promote"]({"allow_data_loss": "yes"})


def test_clients_give_up_soon_and_are_of_the_region_that_is_named(both: Both) -> None:
    assert both
    made = client("rds", THERE)
    assert made.meta.region_name == THERE
    assert (made.meta.config.connect_timeout, made.meta.config.read_timeout) == (2, 5)
