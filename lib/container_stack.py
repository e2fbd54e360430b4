"""The container architecture: the payment service on Fargate, in one Region or with a standby in another."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf import TerraformStack
from constructs import Construct

from lib.api.callers import shared_key
from lib.backup.tagged import TaggedBackups
from lib.compute.artifacts import ContainerArtifacts
from lib.compute.function import FunctionCode
from lib.compute.package import Package
from lib.container_site import ContainerSite
from lib.dns.public_zone import PublicZone
from lib.events.forwarding import EventForwarding
from lib.foundation import Foundation
from lib.global_data import GlobalData
from lib.monitoring.canaries import CanaryCode
from lib.monitoring.two_regions import (
    copy_failures_alarm,
    health_graph,
    replication_graph,
    replication_lag_alarm,
)
from lib.outputs import Outputs, add_outputs
from lib.payment_recovery import PaymentRecovery, recoveries
from lib.provider import configure_state
from lib.region import Region
from lib.regional_data import LocalData, RegionalData
from lib.regions import one_region, two_regions
from lib.restore_tests import RestoreTests
from lib.settings import Settings


class ContainerStack(TerraformStack):
    """Composes the sites of one Region or two, and what spans them: data, name, key of the callers, backups."""

    def __init__(
        self, scope: Construct, id_: str, *, settings: Settings, functions: Package, artifacts: ContainerArtifacts
    ) -> None:
        super().__init__(scope, id_)
        configure_state(self, settings)
        code = FunctionCode(self, package=functions)
        region, data, sides = self._data(settings, code)
        zone = PublicZone(region)
        keyed = settings.api_authorization == "API_KEY"
        keys = shared_key(region, key=data.secrets_key, replica=data.secrets_copy) if keyed else []

        canaries = CanaryCode(self, package=artifacts.canaries)
        sites: list[ContainerSite] = []
        for number, (side, regional) in enumerate(sides.items()):
            sites.append(
                ContainerSite(
                    side,
                    zone=zone,
                    data=regional,
                    code=code,
                    image=artifacts.image,
                    canaries=canaries,
                    callers=keys[number] if keyed else None,
                    live_after=[data.schema.ready],
                    primary=sites[0] if sites else None,
                )
            )
        primary, *others = sites
        backups = TaggedBackups(
            primary.foundation.region,
            vault_name=primary.vault.name,
            copy_to=[standby.vault.arn for standby in others],
        )
        for standby in others:
            assert isinstance(data, GlobalData)  # Two Regions have the data of two.
            _connect(primary, standby)
            primary.recovery, standby.recovery = recoveries(
                primary.side,
                standby.side,
                code=code,
                ledger=data.global_ledger,
                health_check_id=primary.entrance.records.health_check.id,
            )
        if not others:
            primary.recovery = PaymentRecovery(primary.side, code=code)
            primary.watch()
        assert primary.recovery
        restore_tests = RestoreTests(primary.side, recovery=primary.recovery, vault_arn=primary.vault.arn)
        add_outputs(
            self,
            {
                "environment_suffix": settings.environment_suffix,
                "aws_region": settings.aws_region,
                "zone_id": zone.id,
                "api_domain": settings.api_domain,
                "api_url": f"https://{settings.api_domain}",
                **data.outputs(),
                **backups.outputs(),
                **restore_tests.outputs(),
                **{name: value for site in sites for name, value in _outputs(site).items()},
            },
        )

    def _data(
        self, settings: Settings, code: FunctionCode
    ) -> tuple[Region, LocalData | GlobalData, Mapping[Foundation, RegionalData]]:
        """What spans the Regions, the data, and each Region's foundation with what it holds of them."""
        if not settings.in_two_regions:
            region = one_region(self, settings)
            here = Foundation(region)
            local = LocalData(region, foundation=here, code=code)
            return region, local, {here: local.primary}
        both, primary, secondary = two_regions(self, settings)
        here, there = Foundation(primary), Foundation(secondary)
        data = GlobalData(both, here=here, there=there, code=code)
        return both, data, {here: data.primary, there: data.secondary}


def _connect(primary: ContainerSite, standby: ContainerSite) -> None:
    """Forward events between two Regions, and watch what there is to watch of two."""
    queues = {}
    for site, other in ((primary, standby), (standby, primary)):
        side = site.foundation
        forwarding = EventForwarding(
            side.region,
            bus_name=site.payments.bus.bus.name,
            to_bus_arn=other.payments.bus.bus.arn,
            key=side.key,
        )
        queues[site] = {"forwarding": forwarding.dead_letters.queue.name}
    health = health_graph([site.entrance.records.health_check.id for site in (primary, standby)])
    cluster_id = standby.cluster_id
    primary.watch(queues[primary], alarms=[copy_failures_alarm(primary.vault.name)], graphs=[health])
    standby.watch(
        queues[standby], alarms=[replication_lag_alarm(cluster_id)], graphs=[replication_graph(cluster_id), health]
    )


def _outputs(site: ContainerSite) -> Outputs:
    """The outputs of one Region's parts; in one of two named after its role, as in `primary_vpc_id`."""
    role = site.foundation.region.settings.role
    outputs = {**({"aws_region": site.foundation.region.name} if role else {}), **site.outputs()}
    outputs["health_check_id"] = site.entrance.records.health_check.id
    return {f"{role}_{name}" if role else name: value for name, value in outputs.items()}
