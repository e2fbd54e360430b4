"""All that one Region of the container architecture has beside its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.route53_record import Route53Record

from lib.api.callers import SharedKey
from lib.backup.vault import Vault
from lib.compute.function import FunctionCode
from lib.compute.image_build import ImageBuild
from lib.compute.image_source import ImageSource
from lib.dns.public_zone import PublicZone
from lib.foundation import Foundation
from lib.monitoring.alarms import Alarm
from lib.monitoring.canaries import Canaries, CanaryCode
from lib.monitoring.canary_role import Artifacts as CanaryArtifacts
from lib.monitoring.container_alarms import container_alarms
from lib.monitoring.container_graphs import container_graphs
from lib.monitoring.dashboard import Graph
from lib.monitoring.monitoring import Monitoring
from lib.outputs import HasOutputs, Outputs
from lib.parameters.configuration import Configuration
from lib.parameters.role import RoleParameter
from lib.payment_containers import PaymentContainers
from lib.payment_recovery import PaymentRecovery, Side
from lib.regional_data import RegionalData
from lib.service_entrance import ServiceEntrance
from lib.validation import Validation

CANARY_PREFIX = "canaries"


class ContainerSite:
    """Composes a Region: the way in, the image, the service, its canaries, a vault. `watch` it once it is complete.

    `recovery` is what brings its payments back, which may span two Regions.
    """

    def __init__(
        self,
        foundation: Foundation,
        *,
        zone: PublicZone,
        data: RegionalData,
        code: FunctionCode,
        image: ImageSource,
        canaries: CanaryCode,
        callers: SharedKey | None,
        live_after: Sequence[ITerraformDependable],
        primary: ContainerSite | None = None,
    ) -> None:
        """`primary` is the other Region's site, for the standby's."""
        self.foundation = foundation
        self._data = data
        self.cluster_id = data.ledger.cluster.cluster_identifier
        region, key = foundation.region, foundation.key
        proof, same_as = (primary.proof, primary.configuration) if primary else (None, None)
        self.entrance = ServiceEntrance(region, foundation=foundation, zone=zone, proof=proof)
        self.proof: Route53Record = self.entrance.certificate.proof
        self.image = ImageBuild(region, source=image, code=code, key=key)
        self.payments = PaymentContainers(
            region,
            foundation=foundation,
            code=code,
            image=self.image,
            data=data,
            entrance=self.entrance,
            callers=callers,
            live_after=live_after,
            role=RoleParameter(region) if region.settings.role else None,
            same_as=same_as,
        )
        self.configuration: Configuration = self.payments.configuration
        self.validation = Validation(
            region,
            code=code,
            vpc_id=foundation.network.vpc_id,
            subnet_ids=foundation.network.private_subnet_ids,
            key=key,
        )
        self.vault = Vault(region, key_arn=key.arn, topic_arn=foundation.alerts.arn)
        logs = self.entrance.logs
        self._canaries = Canaries(
            region,
            code=canaries,
            api_url=f"https://{region.settings.api_domain}",
            artifacts=CanaryArtifacts(bucket_name=logs.name, bucket_arn=logs.arn, prefix=CANARY_PREFIX),
            key=key,
            # Requests for the API's name reach the primary, from wherever: one payment in five minutes is enough.
            api_key=None if primary else callers,
        )
        self.side = Side(foundation, data, self.payments)
        self.recovery: PaymentRecovery | None = None
        self._monitoring: Monitoring | None = None

    def watch(
        self,
        dead_letter_queues: Mapping[str, str] | None = None,
        *,
        alarms: Sequence[Alarm] = (),
        graphs: Sequence[Graph] = (),
    ) -> None:
        """Add alarms and dashboard, with more of either, and of more dead-letter queues by what they serve."""
        measured = self.payments.measured(self.vault.name, dead_letter_queues)
        self._monitoring = Monitoring(
            self.foundation.region,
            topic_arn=self.foundation.alerts.arn,
            alarms=[*container_alarms(measured), *self._canaries.alarms(), *alarms],
            graphs=[*container_graphs(measured), *graphs],
        )

    def outputs(self) -> Outputs:
        parts: list[HasOutputs | None] = [
            self.foundation,
            self._data,
            self.entrance,
            self.image,
            self.payments,
            self.recovery,
            self.validation,
            self.vault,
            self._canaries,
            self._monitoring,
        ]
        return {name: value for part in parts if part for name, value in part.outputs().items()}
