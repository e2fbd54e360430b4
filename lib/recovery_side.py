"""A Region as its recovery sees it, and the function that recovers it."""

from __future__ import annotations

from dataclasses import dataclass

from lib.compute.environment import workload_environment
from lib.compute.function import FunctionCode
from lib.foundation import Foundation
from lib.payment_configuration import role_environment
from lib.payment_containers import PaymentContainers
from lib.payment_system import PaymentSystem
from lib.recovery.recovery_function import SERVICE, RecoveryFunction, cluster_access
from lib.recovery.two_regions import OtherRegion
from lib.regional_data import RegionalData
from lib.workflow.approval import approval_arn, start_access


@dataclass(frozen=True)
class Side:
    """A Region with its data and what takes payments there."""

    foundation: Foundation
    data: RegionalData
    payments: PaymentSystem | PaymentContainers


def recovery_function(side: Side, *, code: FunctionCode, other: OtherRegion | None = None) -> RecoveryFunction:
    """Return the function of a Region, with what it is told and may do; `other` is the other one of two Regions."""
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
