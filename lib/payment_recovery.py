"""How payments come back in one Region: the recovery function, and what starts it."""

from __future__ import annotations

from dataclasses import dataclass

from lib.compute.environment import workload_environment
from lib.compute.function import FunctionCode
from lib.database.global_ledger import GlobalLedger
from lib.foundation import Foundation
from lib.outputs import HasOutputs, Outputs
from lib.payment_configuration import role_environment
from lib.payment_containers import PaymentContainers
from lib.payment_system import PaymentSystem
from lib.recovery.recovery_function import SERVICE, RecoveryFunction, cluster_access, global_cluster_access
from lib.regional_data import RegionalData


@dataclass(frozen=True)
class Side:
    """A Region with its data and what takes payments there."""

    foundation: Foundation
    data: RegionalData
    payments: PaymentSystem | PaymentContainers


@dataclass(frozen=True)
class OtherSide:
    """The other of two Regions, and the database that spans both."""

    side: Side
    ledger: GlobalLedger


class PaymentRecovery:
    """Composes what recovers one Region; with another, also what makes this one the primary."""

    def __init__(self, here: Side, *, code: FunctionCode, other: OtherSide | None = None) -> None:
        self._here = here
        self._other = other
        self.function = self._function(code)

    def outputs(self) -> Outputs:
        parts: list[HasOutputs] = [self.function]
        return {name: value for part in parts for name, value in part.outputs().items()}

    def _function(self, code: FunctionCode) -> RecoveryFunction:
        foundation, data, payments = self._here.foundation, self._here.data, self._here.payments
        region, ledger = foundation.region, data.ledger
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
                **self._health_environment(),
                **self._other_environment(),
            },
        )
        function.security_group.may_reach(ledger.security_group, port=ledger.port)
        foundation.aws_services.allow(function.security_group, storage=True)
        function.grant("ledger", data.user.direct_access())
        function.grant("configuration", [*payments.configuration.read_access(), *payments.writes.read_access()])
        function.grant("sessions", data.sessions.write_access())
        function.grant("events", payments.bus.publish_access())
        function.grant("cluster", cluster_access(ledger.cluster.arn))
        self._grant_other(function)
        return function

    def _health_environment(self) -> dict[str, str]:
        """Where the service says to everyone whether it is well. Without NAT there is no way to a public address."""
        url = self._here.payments.health_url
        return {"HEALTH_URL": url} if url and self._here.foundation.region.settings.nat != "none" else {}

    def _other_environment(self) -> dict[str, str]:
        if self._other is None:
            return {}
        side = self._other.side
        return {
            "GLOBAL_CLUSTER_ID": self._other.ledger.global_cluster.global_cluster_identifier,
            "OTHER_REGION": side.foundation.region.name,
            "OTHER_CLUSTER_ID": side.data.ledger.cluster.cluster_identifier,
        }

    def _grant_other(self, function: RecoveryFunction) -> None:
        if self._other is None:
            return
        sides = (self._here, self._other.side)
        clusters = [side.data.ledger.cluster.arn for side in sides]
        function.grant("global-cluster", global_cluster_access(self._other.ledger.global_cluster.arn, clusters))
        function.grant(
            "region-roles",
            [statement for side in sides if side.payments.role for statement in side.payments.role.write_access()],
        )
