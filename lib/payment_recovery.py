"""How payments come back: the recovery function of a Region, and the state machines that call it."""

from __future__ import annotations

from dataclasses import dataclass

from lib.compute.environment import workload_environment
from lib.compute.function import FunctionCode
from lib.database.global_ledger import GlobalLedger
from lib.foundation import Foundation
from lib.monitoring.data_alarms import LEDGER_UNAVAILABLE
from lib.monitoring.two_regions import REPLICATION_LAG
from lib.outputs import HasOutputs, Outputs
from lib.payment_configuration import role_environment
from lib.payment_containers import PaymentContainers
from lib.payment_system import PaymentSystem
from lib.recovery.experiments import Containers, Experiments
from lib.recovery.means import Means
from lib.recovery.reconciliation import Reconciliation
from lib.recovery.recovery_function import SERVICE, RecoveryFunction, cluster_access
from lib.recovery.region_failover import RegionFailover
from lib.recovery.two_regions import OtherRegion
from lib.recovery.writer_failover import WriterFailover
from lib.regional_data import RegionalData
from lib.settings import RegionRole
from lib.workflow.approval import approval_arn, start_access


@dataclass(frozen=True)
class Side:
    """A Region with its data and what takes payments there."""

    foundation: Foundation
    data: RegionalData
    payments: PaymentSystem | PaymentContainers


class PaymentRecovery:
    """Composes what recovers the payments of one Region; with another, also what makes this one take over."""

    def __init__(self, side: Side, *, code: FunctionCode, other: OtherRegion | None = None) -> None:
        foundation, region, key = side.foundation, side.foundation.region, side.foundation.key
        self._function = _function(side, code, other)
        self.means = means = Means(
            key=key,
            function_arn=self._function.arn,
            function_access=self._function.call_access(),
            topic_arn=foundation.alerts.arn,
            topic_access=foundation.alerts.publish_access(),
        )
        self._writer_failover = WriterFailover(region, means=means, alarm=LEDGER_UNAVAILABLE)
        self._region_failover: RegionFailover | None = None
        if other:
            # It is the secondary's ledger that notices when nothing comes from the primary's any more.
            alarm = REPLICATION_LAG if region.settings.role is RegionRole.SECONDARY else None
            self._region_failover = RegionFailover(region, means=means, alarm=alarm)
        self._reconciliation = Reconciliation(region, bus_name=side.payments.bus.bus.name, key=key)
        network = foundation.network
        self._experiments = Experiments(
            region,
            cluster_arn=side.data.ledger.cluster.arn,
            subnet_ids=[network.public_subnet_ids, network.private_subnet_ids, network.isolated_subnet_ids],
            key_arn=key.arn,
            containers=_containers(side.payments),
        )

    def outputs(self) -> Outputs:
        parts: list[HasOutputs | None] = [
            self._function,
            self._writer_failover,
            self._region_failover,
            self._reconciliation,
            self._experiments,
        ]
        return {name: value for part in parts if part for name, value in part.outputs().items()}


def recoveries(
    primary: Side, secondary: Side, *, code: FunctionCode, ledger: GlobalLedger, health_check_id: str
) -> tuple[PaymentRecovery, PaymentRecovery]:
    """Return the recoveries of two Regions; the health check is the one that leads clients to the primary."""

    def other(side: Side) -> OtherRegion:
        assert side.payments.role is not None  # Only one of two Regions has another.
        return OtherRegion(
            name=side.foundation.region.name,
            cluster=side.data.ledger.cluster,
            role=side.payments.role,
            ledger=ledger,
            health_check_id=health_check_id,
        )

    return (
        PaymentRecovery(primary, code=code, other=other(secondary)),
        PaymentRecovery(secondary, code=code, other=other(primary)),
    )


def _containers(payments: PaymentSystem | PaymentContainers) -> Containers | None:
    if isinstance(payments, PaymentSystem):
        return None
    return Containers(cluster_name=payments.cluster.name, service_name=payments.service.name)


def _function(side: Side, code: FunctionCode, other: OtherRegion | None) -> RecoveryFunction:
    """Return the function of a Region, with what it is told and may do."""
    foundation, data, payments = side.foundation, side.data, side.payments
    region, ledger = foundation.region, data.ledger
    approves = region.settings.approval_threshold is not None
    function = RecoveryFunction(
        region,
        code=code,
        vpc_id=foundation.network.vpc_id,
        subnet_ids=foundation.network.private_subnet_ids,
        key=foundation.key,
        environment={
            **workload_environment(region, SERVICE),
            **data.user.direct_environment(),
            "DB_ENDPOINT": ledger.endpoint,
            "DYNAMODB_TABLE": data.sessions.name,
            "EVENT_BUS_NAME": payments.bus.bus.name,
            "CONFIGURATION_PATH": payments.configuration.path,
            "CLUSTER_ID": ledger.cluster.cluster_identifier,
            **payments.writes.environment(),
            **role_environment(payments.role, ledger),
            **_health_environment(side),
            **({"APPROVAL_STATE_MACHINE_ARN": approval_arn(region)} if approves else {}),
            **(other.environment(region.settings) if other else {}),
        },
    )
    function.security_group.may_reach(ledger.security_group, port=ledger.port)
    foundation.aws_services.allow(function.security_group, storage=True)
    function.grant("ledger", data.user.direct_access())
    function.grant("configuration", [*payments.configuration.read_access(), *payments.writes.read_access()])
    function.grant("sessions", data.sessions.write_access())
    function.grant("events", payments.bus.publish_access())
    function.grant("cluster", cluster_access(ledger.cluster.arn))
    if approves:
        # An event of the outbox may start one.
        function.grant("approvals", start_access(region, foundation.key))
    if other and payments.role:
        function.grant("regions", [*payments.role.write_access(), *other.access(region, ledger.cluster.arn)])
    return function


def _health_environment(side: Side) -> dict[str, str]:
    """Where the service tells everyone whether it is well. Without NAT there is no way to a public address."""
    url = side.payments.health_url
    return {"HEALTH_URL": url} if url and side.foundation.region.settings.nat != "none" else {}
