"""Before Terraform removes a global database that was failed over, what follows leaves it; others are left alone."""

from __future__ import annotations

from typing import Any

import pytest

from tap.inventory.resource import Resource
from tap.removal import switched_database
from tap.removal.switched_database import StillFollowedError, part_switched_databases
from tests.unit.tap_removal_destroy.doubles import REGION, StubAccount, resource

OTHER = "us-west-2"
GLOBAL = resource("rds::123456789012:global-cluster:payment-global-pr-1")
QUEUE = resource("sqs:us-east-1:123456789012:payment-queue-pr-1")


def cluster(region: str) -> str:
    return f"arn:aws:rds:{region}:123456789012:cluster:payment-in-{region}"


class Rds(StubAccount):
    """RDS with one global database, whose members leave after `slowness` more questions."""

    def __init__(self, writer: str, *regions: str, slowness: int = 1) -> None:
        super().__init__()
        self.members = {cluster(region): region == writer for region in regions}
        self.left: list[tuple[str | None, str]] = []
        self._slowness = slowness

    def client(self, service: str, region: str | None = None) -> Any:
        assert service == "rds"
        account = self

        class Client:
            def describe_global_clusters(self, GlobalClusterIdentifier: str) -> dict[str, Any]:  # noqa: N803
                assert GlobalClusterIdentifier == "payment-global-pr-1"
                if account.left:
                    account._slowness -= 1
                    if account._slowness < 0:
                        for _, arn in account.left:
                            account.members.pop(arn, None)
                members = [{"DBClusterArn": arn, "IsWriter": writes} for arn, writes in account.members.items()]
                return {"GlobalClusters": [{"GlobalClusterMembers": members}]}

            def remove_from_global_cluster(self, GlobalClusterIdentifier: str, DbClusterIdentifier: str) -> None:  # noqa: N803
                assert GlobalClusterIdentifier == "payment-global-pr-1"
                account.left.append((region, DbClusterIdentifier))

        return Client()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switched_database, "POLL_SECONDS", 0)


OWN = [GLOBAL, *(resource(cluster(region).removeprefix("arn:aws:")) for region in (REGION, OTHER))]


def part(account: Rds, *resources: Resource) -> list[str]:
    told: list[str] = []
    part_switched_databases(account, resources, told.append)
    return told


def test_what_follows_leaves_a_database_that_writes_elsewhere() -> None:
    account = Rds(OTHER, REGION, OTHER, slowness=3)
    (note,) = part(account, QUEUE, *OWN)
    assert account.left == [(REGION, cluster(REGION))]
    assert account.members == {cluster(OTHER): True}
    assert cluster(REGION) in note


def test_one_that_writes_at_home_is_left_to_terraform() -> None:
    account = Rds(REGION, REGION, OTHER)
    assert part(account, *OWN) == []
    assert account.left == []


def test_one_with_a_cluster_of_somebody_elses_is_left_as_it_is() -> None:
    account = Rds(OTHER, REGION, OTHER)
    (note,) = part(account, GLOBAL, OWN[2])
    assert account.left == []
    assert f"{cluster(REGION)} in it is not of this environment" in note


def test_without_a_global_database_rds_is_not_asked() -> None:
    part_switched_databases(StubAccount(), [QUEUE], lambda _: None)


def test_a_cluster_that_does_not_leave_is_waited_for_in_vain_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switched_database, "LEAVING_SECONDS", 0.05)
    with pytest.raises(
        StillFollowedError, match=r"did not leave payment-global-pr-1 within .* run the same command again"
    ):
        part(Rds(OTHER, REGION, OTHER, slowness=10**9), *OWN)
