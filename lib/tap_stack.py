"""The single-Region architecture: payments over three availability zones of one Region."""

from __future__ import annotations

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.route53_zone import Route53ZoneVpc
from constructs import Construct

from lib.api.payment_api import PaymentApi
from lib.backup.daily import DailyBackup
from lib.backup.vault import Vault
from lib.compute.function import FunctionCode
from lib.compute.package import Package
from lib.database.proxy import DatabaseProxy
from lib.dns.certificate import Certificate
from lib.dns.custom_domain import CustomDomain
from lib.dns.private_zone import PrivateZone
from lib.dns.public_zone import PublicZone
from lib.foundation import Foundation
from lib.monitoring.payment_monitoring import payment_monitoring
from lib.outputs import add_outputs
from lib.payment_recovery import PaymentRecovery, Side
from lib.payment_system import PaymentSystem
from lib.provider import configure_state
from lib.region import Region
from lib.regional_data import LocalData
from lib.regions import one_region
from lib.restore_tests import RestoreTests
from lib.settings import Settings


class TapStack(TerraformStack):
    """Composes the system; what each part is made of stands in its own module."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, package: Package) -> None:
        super().__init__(scope, id_)
        configure_state(self, settings)
        region = one_region(self, settings)

        foundation = Foundation(region)
        code = FunctionCode(self, package=package)
        data = LocalData(region, foundation=foundation, code=code)
        payments = PaymentSystem(
            region,
            foundation=foundation,
            code=code,
            ledger=data.ledger,
            master_secret_arn=data.ledger.master_secret_arn,
            user=data.primary.user,
            sessions=data.primary.sessions,
            proxy=self._proxy(region, foundation, data) if settings.db_proxy else None,
            live_after=[data.schema.ready],
        )
        side = Side(foundation, data.primary, payments)
        recovery = PaymentRecovery(side, code=code)
        vault = Vault(region, key_arn=foundation.key.arn, topic_arn=foundation.alerts.arn)
        backup = DailyBackup(region, vault_name=vault.name, resource_arns=data.backed_up)
        restore_tests = RestoreTests(side, recovery=recovery, vault_arn=vault.arn)
        monitoring = payment_monitoring(region, measured=payments.measured(vault.name), topic_arn=foundation.alerts.arn)
        add_outputs(
            self,
            {
                "environment_suffix": settings.environment_suffix,
                "aws_region": settings.aws_region,
                **foundation.outputs(),
                **data.outputs(),
                **payments.outputs(),
                **recovery.outputs(),
                **self._dns(region, foundation, payments.api),
                **vault.outputs(),
                **backup.outputs(),
                **restore_tests.outputs(),
                **monitoring.outputs(),
            },
        )

    @staticmethod
    def _proxy(region: Region, foundation: Foundation, data: LocalData) -> DatabaseProxy:
        ledger, login = data.ledger, data.login
        assert login is not None  # Behind a proxy, which logs in for its clients, the user has a password.
        proxy = DatabaseProxy(
            region,
            vpc_id=foundation.network.vpc_id,
            subnet_ids=foundation.network.isolated_subnet_ids,
            cluster_id=ledger.cluster.cluster_identifier,
            instances=ledger.ready,
            secret_arn=login.arn,
            secret_access=data.primary.user.read_access(),
            log_key=foundation.key,
        )
        proxy.security_group.may_reach(ledger.security_group, port=ledger.port)
        return proxy

    @staticmethod
    def _dns(region: Region, foundation: Foundation, api: PaymentApi) -> dict[str, str]:
        if not region.settings.domain_is_owned:
            private = PrivateZone(region, vpcs=[Route53ZoneVpc(vpc_id=foundation.network.vpc_id)])
            record = private.add_api(api.host)
            return {"zone_id": private.id, "api_domain": record.name, "api_url": f"https://{api.host}"}
        public = PublicZone(region)
        certificate = Certificate(region, zone_id=public.id, delegation=public.delegation)
        domain = CustomDomain(region, certificate_arn=certificate.arn, api_id=api.id, stage_id=api.stage.id)
        record = public.add_api(domain.alias)
        return {"zone_id": public.id, "api_domain": record.name, "api_url": f"https://{region.settings.api_domain}"}
