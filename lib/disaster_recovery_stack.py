"""The architecture in two Regions: the primary takes payments; the secondary has all of it, and can be promoted."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformStack
from constructs import Construct

from lib.api.payment_api import HEALTH
from lib.backup.daily import DailyBackup
from lib.backup.vault import Vault
from lib.compute.function import FunctionCode
from lib.compute.package import Package
from lib.events.forwarding import EventForwarding
from lib.failover_dns import FailoverDns
from lib.foundation import Foundation
from lib.global_data import GlobalData
from lib.monitoring.payment_monitoring import payment_monitoring
from lib.monitoring.two_regions import (
    copy_failures_alarm,
    health_graph,
    replication_graph,
    replication_lag_alarm,
)
from lib.outputs import HasOutputs, Outputs, add_outputs
from lib.parameters.configuration import Configuration
from lib.parameters.role import RoleParameter
from lib.payment_recovery import Side, recoveries
from lib.payment_system import PaymentSystem
from lib.provider import configure_state
from lib.regional_data import RegionalData
from lib.regions import two_regions
from lib.restore_tests import RestoreTests
from lib.settings import Settings


class DisasterRecoveryStack(TerraformStack):
    """Composes two Regions of the same parts, and what spans them: data, events, backups, DNS."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, package: Package) -> None:
        super().__init__(scope, id_)
        configure_state(self, settings)
        both, primary, secondary = two_regions(self, settings)
        here, there = Foundation(primary), Foundation(secondary)
        code = FunctionCode(self, package=package)
        data = GlobalData(both, here=here, there=there, code=code)

        payments = _payments(here, data.primary, code, data)
        standby = _payments(there, data.secondary, code, data, same_as=payments.configuration)
        forwarding = _forwarding(here, payments, to=standby)
        standby_forwarding = _forwarding(there, standby, to=payments)

        vault = Vault(primary, key_arn=here.key.arn, topic_arn=here.alerts.arn)
        copies = Vault(secondary, key_arn=there.key.arn, topic_arn=there.alerts.arn)
        backup = DailyBackup(primary, vault_name=vault.name, resource_arns=data.backed_up, copy_to=[copies.arn])

        dns = FailoverDns(both, apis={here: payments.api, there: standby.api})
        side = Side(here, data.primary, payments)
        recovery, standby_recovery = recoveries(
            side,
            Side(there, data.secondary, standby),
            code=code,
            ledger=data.global_ledger,
            health_check_id=dns.health_check_ids[0],
        )
        restore_tests = RestoreTests(side, recovery=recovery, vault_arn=vault.arn)
        health = health_graph(dns.health_check_ids)
        standby_cluster = data.secondary.ledger.cluster.cluster_identifier
        monitoring = payment_monitoring(
            primary,
            measured=payments.measured(vault.name, {"forwarding": forwarding.dead_letters.queue.name}),
            topic_arn=here.alerts.arn,
            alarms=[copy_failures_alarm(vault.name)],
            graphs=[health],
        )
        standby_monitoring = payment_monitoring(
            secondary,
            measured=standby.measured(copies.name, {"forwarding": standby_forwarding.dead_letters.queue.name}),
            topic_arn=there.alerts.arn,
            alarms=[replication_lag_alarm(standby_cluster)],
            graphs=[replication_graph(standby_cluster), health],
        )
        add_outputs(
            self,
            {
                "environment_suffix": settings.environment_suffix,
                "aws_region": settings.aws_region,
                **data.outputs(),
                **dns.outputs(),
                **backup.outputs(),
                **restore_tests.outputs(),
                **_outputs(here, data.primary, payments, forwarding, recovery, vault, monitoring),
                **_outputs(
                    there, data.secondary, standby, standby_forwarding, standby_recovery, copies, standby_monitoring
                ),
            },
        )


def _payments(
    side: Foundation,
    regional: RegionalData,
    code: FunctionCode,
    data: GlobalData,
    same_as: Configuration | None = None,
) -> PaymentSystem:
    """The payment system of one Region. Route 53 asks for its health, and cannot sign."""
    return PaymentSystem(
        side.region,
        foundation=side,
        code=code,
        ledger=regional.ledger,
        master_secret_arn=regional.master_secret_arn,
        user=regional.user,
        sessions=regional.sessions,
        live_after=[data.schema.ready],
        role=RoleParameter(side.region),
        open_routes=[HEALTH],
        same_as=same_as,
    )


def _forwarding(side: Foundation, payments: PaymentSystem, *, to: PaymentSystem) -> EventForwarding:
    return EventForwarding(side.region, bus_name=payments.bus.bus.name, to_bus_arn=to.bus.bus.arn, key=side.key)


def _outputs(side: Foundation, *parts: HasOutputs) -> Outputs:
    """The outputs of one Region's parts, named after its role, as in `primary_vpc_id`."""
    outputs: dict[str, str | Sequence[str]] = {"aws_region": side.region.name}
    for part in (side, *parts):
        outputs |= part.outputs()
    return {f"{side.region.settings.role}_{name}": value for name, value in outputs.items()}
