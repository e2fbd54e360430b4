"""An environment in one Region as its recoveries see it: its ledger's cluster, its recovery function, its switches."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from tap.environment import Environment
from tap.recovery.errors import RecoveryRefusedError
from tap.recovery.recovery_function import RecoveryFunction


class Site:
    """Methods raise `EnvironmentNotFoundError` where something is not deployed, and botocore's errors."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.suffix = environment.suffix
        self.region = environment.account.region

    @cached_property
    def function(self) -> RecoveryFunction:
        return RecoveryFunction(self.environment)

    def client(self, service: str) -> Any:
        """A boto3 client in the Region."""
        return self.environment.client(service)

    @cached_property
    def cluster_id(self) -> str:
        """The identifier of the ledger's cluster."""
        return self._told("CLUSTER_ID")

    @property
    def other_region(self) -> str | None:
        """The other one of two Regions."""
        return self.function.variable("OTHER_REGION")

    @property
    def in_two_regions(self) -> bool:
        return self.other_region is not None

    @property
    def home_region(self) -> str:
        """The Region that was the primary when the environment was deployed."""
        return self.function.tags.get("HomeRegion", self.region)

    @cached_property
    def table(self) -> str:
        """The sessions' table."""
        return self.environment.parameter("sessions/table")

    def elsewhere(self, region: str) -> Site:
        """The same environment in another of its Regions."""
        if region == self.region:
            return self
        return Site(Environment(self.suffix, self.environment.account.in_region(region)))

    def cluster(self, identifier: str | None = None) -> dict[str, Any]:
        """A cluster as RDS describes it, the ledger's without a name. Raises `RecoveryRefusedError`."""
        found = self.find_cluster(identifier or self.cluster_id)
        if found is None:
            raise RecoveryRefusedError(
                f"there is no cluster {identifier or self.cluster_id} in {self.environment.account.place}; "
                "see `tap env show`, and `tap recover resume` if a recovery was interrupted"
            )
        return found

    def find_cluster(self, identifier: str) -> dict[str, Any] | None:
        """A cluster as RDS describes it, None if there is none."""
        rds = self.client("rds")
        try:
            (found,) = rds.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
        except rds.exceptions.DBClusterNotFoundFault:
            return None
        return dict(found)

    def _told(self, variable: str) -> str:
        value = self.function.variable(variable)
        if value is None:
            raise RecoveryRefusedError(
                f"the recovery function {self.function.name} is not told {variable}: deploy it with `tap env deploy`"
            )
        return value
