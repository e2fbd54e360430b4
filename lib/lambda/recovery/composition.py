"""The parts of the recovery, put together as the deployment's variables say, each when it is first needed."""

from functools import cache, cached_property, partial
from typing import Any

from payments import clients
from payments.configuration import Configuration
from payments.database import Database
from payments.deployed_database import database_at, deployed_database
from payments.deployed_switches import DeployedSwitches, deployed_switches
from payments.health import DeepHealth
from payments.ledger import Ledger
from payments.publisher import Publisher
from payments.regional_database import LedgerDatabase
from payments.sessions import Sessions
from recovery import aws
from recovery.cluster import Cluster
from recovery.dns import FailoverName
from recovery.environment import OtherRegionEnvironment, RecoveryEnvironment
from recovery.global_database import GlobalDatabase
from recovery.roles import Roles
from recovery.service_check import PublicHealth, ServiceCheck
from recovery.two_regions import TwoRegions
from recovery.writable import takes_writes

# A writer that does not answer is to be known as such soon.
WRITER_SECONDS = 3.0


class Composition:
    """One Region's parts; `two_regions` is None in an environment in one."""

    def __init__(self, environment: RecoveryEnvironment) -> None:
        self._environment = environment
        self._runtime = environment.runtime
        self._region = environment.runtime.region

    @cached_property
    def ledger(self) -> LedgerDatabase:
        """As the Region's role has it, and also while writers are stopped."""
        return deployed_database(self._runtime, DeployedSwitches(role=self._switches.role, writes=None))

    def ledger_at(self, host: str) -> Database:
        """Another ledger with the same users, such as a restored one. Who asks for it closes it."""
        return database_at(self._runtime, host)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(client=clients.dynamodb(self._region), table=self._runtime.sessions_table)

    @cached_property
    def publisher(self) -> Publisher:
        return Publisher(
            events=clients.events(self._region),
            bus=self._runtime.event_bus,
            workflows=lambda: clients.stepfunctions(self._region),
            state_machine_arn=self._runtime.approval_state_machine_arn,
        )

    @cached_property
    def service_check(self) -> ServiceCheck:
        runtime, url = self._runtime, self._environment.health_url
        configuration = Configuration(
            client=clients.ssm(self._region), path=runtime.configuration_path, max_age=runtime.parameters_max_age
        )
        health = DeepHealth(
            role=self._switches.role,
            writes=self._switches.writes,
            ledger=Ledger(self.ledger),
            sessions=self.sessions,
            configuration=configuration,
        )
        public = PublicHealth(url, self._environment.endpoint_url) if url else None
        return ServiceCheck(health=health, writer=self._writer, public=public)

    @cached_property
    def cluster(self) -> Cluster:
        return Cluster(
            rds=aws.client("rds", self._region),
            cluster_id=self._environment.cluster_id,
            takes_writes=lambda: takes_writes(self._writer),
        )

    @cached_property
    def two_regions(self) -> TwoRegions | None:
        other = self._environment.other
        return self._with(other) if other else None

    def close(self) -> None:
        """Closes the idle connections of what was used."""
        for name in ("ledger", "_writer"):
            if name in vars(self):
                vars(self)[name].close()

    @cached_property
    def _switches(self) -> DeployedSwitches:
        return deployed_switches(self._runtime)

    @cached_property
    def _writer(self) -> Database:
        """Where writes go, whatever the role."""
        return database_at(self._runtime, self._runtime.database.host, retry_seconds=WRITER_SECONDS)

    def _with(self, other: OtherRegionEnvironment) -> TwoRegions:
        regions = (self._region, other.region)
        ssm: dict[str, Any] = {region: aws.client("ssm", region) for region in regions}
        return TwoRegions(
            region=self._region,
            database=GlobalDatabase(
                rds_in=cache(partial(aws.client, "rds")),
                cloudwatch=aws.client("cloudwatch", self._region),
                region=self._region,
                global_cluster_id=other.global_cluster_id,
                cluster=self.cluster,
            ),
            roles=Roles(ssm_in=ssm.__getitem__, parameter=other.role_parameter, here=self._region, there=other.region),
            name=FailoverName(
                # Route 53 is one for all Regions.
                route53=aws.client("route53", self._region),
                health_check_id=other.primary_health_check_id,
                deployed_role=other.deployed_role,
            ),
        )
