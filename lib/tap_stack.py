"""The single-Region architecture: payments over three availability zones of one Region."""

from __future__ import annotations

from cdktf import TerraformStack
from constructs import Construct

from lib.account import Account
from lib.api.payment_api import PaymentApi
from lib.backup.daily import DailyBackup
from lib.compute.function import PaymentFunction
from lib.compute.package import Package
from lib.database.ledger import PORT as DATABASE_PORT
from lib.database.ledger import LedgerDatabase
from lib.database.sessions import SessionTable
from lib.dns.private_zone import PrivateZone
from lib.dns.public_zone import PublicZone
from lib.encryption import EncryptionKey, operations_services
from lib.events.bus import PaymentEventBus
from lib.monitoring.alarms import Alarms, payment_alarms
from lib.monitoring.alerts import Alerts
from lib.monitoring.dashboard import Dashboard, payment_graphs
from lib.networking.egress import allow_aws_services
from lib.networking.flow_logs import FlowLogs
from lib.networking.network import Network
from lib.outputs import add_outputs
from lib.parameters.configuration import Configuration
from lib.provider import configure_provider, configure_state
from lib.settings import Settings


class TapStack(TerraformStack):
    """Composes the system; what each part is made of stands in its own module."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, package: Package) -> None:
        super().__init__(scope, id_)
        configure_state(self, settings)
        configure_provider(self, settings)
        account = Account(self, settings=settings)

        database_key = EncryptionKey(self, "database", settings=settings, account=account, purpose="Ledger")
        sessions_key = EncryptionKey(self, "sessions", settings=settings, account=account, purpose="Sessions")
        operations_key = EncryptionKey(
            self,
            "operations",
            settings=settings,
            account=account,
            purpose="Logs, messages, configuration and backups",
            services=operations_services(account, settings.partition.dns_suffix),
        )

        network = Network(self, settings=settings)
        FlowLogs(self, settings=settings, vpc_id=network.vpc_id, key_arn=operations_key.arn)
        alerts = Alerts(self, settings=settings, account=account, key=operations_key)

        ledger = LedgerDatabase(
            self,
            settings=settings,
            vpc_id=network.vpc_id,
            subnet_ids=network.isolated_subnet_ids,
            key=database_key,
            log_key=operations_key,
        )
        sessions = SessionTable(self, settings=settings, key=sessions_key)
        bus = PaymentEventBus(self, settings=settings, key=operations_key)
        configuration = Configuration(
            self,
            settings=settings,
            account=account,
            key=operations_key,
            values={
                "database/endpoint": ledger.cluster.endpoint,
                "database/reader_endpoint": ledger.cluster.reader_endpoint,
                "database/port": str(DATABASE_PORT),
                "database/name": ledger.cluster.database_name,
                "database/secret_arn": ledger.secret_arn,
                "sessions/table": sessions.table.name,
                "sessions/ttl_seconds": str(settings.session_ttl_hours * 3600),
                "events/bus": bus.bus.name,
                "payments/amount_limit": str(settings.payment_amount_limit),
            },
        )

        function = PaymentFunction(
            self,
            settings=settings,
            account=account,
            package=package,
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            key=operations_key,
            environment={
                "DB_ENDPOINT": ledger.cluster.endpoint,
                "DYNAMODB_TABLE": sessions.table.name,
                "EVENT_BUS_NAME": bus.bus.name,
                "CONFIGURATION_PATH": configuration.path,
                "REGION": settings.aws_region,
                "ENVIRONMENT_SUFFIX": settings.environment_suffix,
                "POWERTOOLS_SERVICE_NAME": "payment-processor",
                "POWERTOOLS_LOG_LEVEL": settings.log_level,
            },
        )
        function.security_group.may_reach(ledger.security_group, port=DATABASE_PORT)
        allow_aws_services(self, settings=settings, network=network, workload=function.security_group)
        function.grant("configuration", configuration.read_access())
        function.grant("sessions", sessions.write_access())
        function.grant("events", bus.publish_access())

        api = PaymentApi(
            self, settings=settings, alias_invoke_arn=function.alias.invoke_arn, log_key_arn=operations_key.arn
        )
        function.allow_calls("api", service="apigateway.amazonaws.com", source_arn=api.source_arn)
        function.allow_calls("events", service="events.amazonaws.com", source_arn=bus.rule.arn)
        bus.deliver_to(function.alias.arn)
        dns = self._dns(settings, network, api)

        backup = DailyBackup(
            self,
            settings=settings,
            key_arn=operations_key.arn,
            topic_arn=alerts.arn,
            resource_arns=[ledger.cluster.arn, sessions.table.arn],
        )
        alarms = Alarms(
            self,
            settings=settings,
            topic_arn=alerts.arn,
            alarms=payment_alarms(
                function_name=function.name,
                cluster_id=ledger.cluster.cluster_identifier,
                table_name=sessions.table.name,
                dead_letter_queues={
                    "events": bus.dead_letters.queue.name,
                    "function": function.dead_letters.queue.name,
                },
                api_id=api.id,
                vault_name=backup.vault.name,
            ),
        )
        dashboard = Dashboard(
            self,
            settings=settings,
            alarm_arns=[alarms.service.arn, *(alarm.arn for alarm in alarms.metric_alarms.values())],
            graphs=payment_graphs(
                function_name=function.name,
                cluster_id=ledger.cluster.cluster_identifier,
                table_name=sessions.table.name,
                api_id=api.id,
                bus_rule=bus.rule.name,
                queues=[bus.dead_letters.queue.name, function.dead_letters.queue.name],
            ),
        )
        add_outputs(
            self,
            {
                "environment_suffix": settings.environment_suffix,
                "aws_region": settings.aws_region,
                **network.outputs(),
                **ledger.outputs(),
                **sessions.outputs(),
                **function.outputs(),
                **bus.outputs(),
                **api.outputs(),
                **dns.outputs(),
                **backup.outputs(),
                "configuration_path": configuration.path,
                "alerts_topic_arn": alerts.arn,
                "service_alarm_name": alarms.service.alarm_name,
                "dashboard_name": dashboard.dashboard.dashboard_name,
            },
        )

    def _dns(self, settings: Settings, network: Network, api: PaymentApi) -> PublicZone | PrivateZone:
        if settings.domain_is_owned:
            return PublicZone(self, settings=settings, api_id=api.id, stage_id=api.stage.id)
        return PrivateZone(self, settings=settings, vpc_id=network.vpc_id, api_host=api.host)
