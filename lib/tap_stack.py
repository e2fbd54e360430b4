"""The single-Region architecture: payments over three availability zones of one Region."""

from __future__ import annotations

from cdktf import TerraformStack
from constructs import Construct

from lib.account import Account
from lib.api.payment_api import PaymentApi
from lib.backup.daily import DailyBackup
from lib.compute.function import FunctionCode
from lib.compute.package import Package
from lib.compute.payment_function import TIMEOUT_SECONDS, PaymentFunction
from lib.database.ledger import DATABASE_NAME, LedgerDatabase
from lib.database.ledger import PORT as DATABASE_PORT
from lib.database.migrations import Migrations
from lib.database.proxy import DatabaseProxy
from lib.database.sessions import SessionTable
from lib.database.user import LedgerUser
from lib.dns.private_zone import PrivateZone
from lib.dns.public_zone import PublicZone
from lib.encryption import EncryptionKey, operations_services
from lib.events.bus import PaymentEventBus
from lib.events.relay import OutboxRelay
from lib.events.replay import ReplayQueue
from lib.monitoring.alarms import Alarms
from lib.monitoring.alerts import Alerts
from lib.monitoring.dashboard import Dashboard, payment_graphs
from lib.monitoring.payment_alarms import payment_alarms
from lib.monitoring.payment_metrics import SERVICE, Measured
from lib.networking.egress import AwsServices
from lib.networking.flow_logs import FlowLogs
from lib.networking.network import Network
from lib.outputs import add_outputs
from lib.parameters.configuration import Configuration
from lib.provider import configure_provider, configure_state
from lib.settings import Settings
from lib.workflow.approval import ApprovalWorkflow, approval_arn, start_access


class TapStack(TerraformStack):
    """Composes the system; what each part is made of stands in its own module."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, package: Package) -> None:
        super().__init__(scope, id_)
        configure_state(self, settings)
        configure_provider(self, settings)
        account = Account(self, settings=settings)
        approvals = settings.approval_threshold is not None

        database_key = EncryptionKey(self, "database", settings=settings, account=account, purpose="Ledger")
        sessions_key = EncryptionKey(self, "sessions", settings=settings, account=account, purpose="Sessions")
        services = operations_services(account, settings.partition.dns_suffix, workflow=approvals)
        purpose = "Logs, messages, configuration and backups"
        operations_key = EncryptionKey(
            self, "operations", settings=settings, account=account, purpose=purpose, services=services
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
        user = LedgerUser(self, settings=settings, account=account, key=database_key)
        entrance = self._proxy(settings, network, ledger, user, operations_key) or ledger
        sessions = SessionTable(self, settings=settings, key=sessions_key)
        bus = PaymentEventBus(self, settings=settings, key=operations_key)
        replay = ReplayQueue(self, settings=settings, key=operations_key, function_timeout=TIMEOUT_SECONDS)
        configuration = Configuration(
            self,
            settings=settings,
            account=account,
            key=operations_key,
            values={
                "database/endpoint": entrance.endpoint,
                "database/reader_endpoint": ledger.cluster.reader_endpoint,
                "database/port": str(DATABASE_PORT),
                "database/name": DATABASE_NAME,
                "database/secret_arn": ledger.secret_arn,
                "sessions/table": sessions.table.name,
                "sessions/ttl_seconds": str(settings.session_ttl_hours * 3600),
                "events/bus": bus.bus.name,
                "payments/amount_limit": str(settings.payment_amount_limit),
                "payments/approval_threshold": str(settings.approval_threshold) if approvals else "none",
            },
        )

        code = FunctionCode(self, package=package)
        common = {
            "DB_PORT": str(DATABASE_PORT),
            "DB_NAME": DATABASE_NAME,
            "REGION": settings.aws_region,
            "ENVIRONMENT_SUFFIX": settings.environment_suffix,
            "POWERTOOLS_LOG_LEVEL": settings.log_level,
        }
        migrations = Migrations(
            self,
            settings=settings,
            account=account,
            code=code,
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            key=operations_key,
            environment={
                **common,
                **user.migrations_environment(),
                "DB_ENDPOINT": ledger.endpoint,
                "DB_MASTER_SECRET_ARN": ledger.secret_arn,
                "POWERTOOLS_SERVICE_NAME": "payment-migrations",
            },
        )
        aws_services = AwsServices(self, settings=settings, network=network)
        aws_services.allow(migrations.security_group)
        migrations.security_group.may_reach(ledger.security_group, port=DATABASE_PORT)
        migrations.grant("secrets", [*ledger.master_access(), *user.read_access()])
        migrated = migrations.run(
            when_changed={"database": ledger.resource_id, "user": user.version},
            after=[*ledger.ready, *aws_services.ready],
        )

        function = PaymentFunction(
            self,
            settings=settings,
            account=account,
            code=code,
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            key=operations_key,
            environment={
                **common,
                **user.environment(),
                "DB_ENDPOINT": entrance.endpoint,
                "DYNAMODB_TABLE": sessions.table.name,
                "EVENT_BUS_NAME": bus.bus.name,
                "CONFIGURATION_PATH": configuration.path,
                "POWERTOOLS_SERVICE_NAME": SERVICE,
                **({"APPROVAL_STATE_MACHINE_ARN": approval_arn(settings, account)} if approvals else {}),
            },
            live_after=[migrated, *entrance.ready],
        )
        function.security_group.may_reach(entrance.security_group, port=DATABASE_PORT)
        aws_services.allow(function.security_group, storage=True)
        function.grant("ledger", user.login_access(entrance.resource_id))
        function.grant("configuration", configuration.read_access())
        function.grant("sessions", sessions.write_access())
        function.grant("events", bus.publish_access())

        api = PaymentApi(
            self, settings=settings, alias_invoke_arn=function.alias.invoke_arn, log_key_arn=operations_key.arn
        )
        configuration.add("api/endpoint", api.api.api_endpoint)
        function.allow_calls("api", service="apigateway.amazonaws.com", source_arn=api.source_arn)
        function.allow_calls("events", service="events.amazonaws.com", source_arn=bus.rule.arn)
        bus.deliver_to(function.alias.arn)
        replay.deliver_to(function.alias.arn, after=function.grant("replay", replay.messages.receive_access()))
        relay = OutboxRelay(self, settings=settings, account=account, key=operations_key, alias_arn=function.alias.arn)
        workflow = None
        if approvals:
            function.grant("approvals", start_access(settings, account, operations_key))
            workflow = ApprovalWorkflow(
                self,
                settings=settings,
                account=account,
                key=operations_key,
                function_arn=function.alias.arn,
                topic_arn=alerts.arn,
                topic_access=alerts.publish_access(),
            )
        dns = self._dns(settings, network, api)

        backup = DailyBackup(
            self,
            settings=settings,
            key_arn=operations_key.arn,
            topic_arn=alerts.arn,
            resource_arns=[ledger.cluster.arn, sessions.table.arn],
        )
        measured = Measured(
            settings=settings,
            function_name=function.name,
            cluster_id=ledger.cluster.cluster_identifier,
            table_name=sessions.table.name,
            api_id=api.id,
            bus_rule=bus.rule.name,
            vault_name=backup.vault.name,
            dead_letter_queues={
                "events": bus.dead_letters.queue.name,
                "function": function.dead_letters.queue.name,
                "replay": replay.dead_letters.queue.name,
            },
            approval_arn=workflow.arn if workflow else None,
        )
        alarms = Alarms(self, settings=settings, topic_arn=alerts.arn, alarms=payment_alarms(measured))
        dashboard = Dashboard(self, settings=settings, alarm_arns=alarms.arns, graphs=payment_graphs(measured))
        add_outputs(
            self,
            {
                "environment_suffix": settings.environment_suffix,
                "aws_region": settings.aws_region,
                **network.outputs(),
                **ledger.outputs(),
                **user.outputs(),
                **migrations.outputs(),
                **sessions.outputs(),
                **function.outputs(),
                **bus.outputs(),
                **replay.outputs(),
                **relay.outputs(),
                **(workflow.outputs() if workflow else {}),
                **api.outputs(),
                **dns.outputs(),
                **backup.outputs(),
                "configuration_path": configuration.path,
                "alerts_topic_arn": alerts.arn,
                "service_alarm_name": alarms.service.alarm_name,
                "dashboard_name": dashboard.dashboard.dashboard_name,
            },
        )

    def _proxy(
        self, settings: Settings, network: Network, ledger: LedgerDatabase, user: LedgerUser, log_key: EncryptionKey
    ) -> DatabaseProxy | None:
        if user.secret is None or not settings.db_proxy:
            return None
        proxy = DatabaseProxy(
            self,
            settings=settings,
            vpc_id=network.vpc_id,
            subnet_ids=network.isolated_subnet_ids,
            cluster_id=ledger.cluster.cluster_identifier,
            instances=ledger.ready,
            secret=user.secret,
            secret_access=user.read_access(),
            log_key=log_key,
        )
        proxy.security_group.may_reach(ledger.security_group, port=DATABASE_PORT)
        return proxy

    def _dns(self, settings: Settings, network: Network, api: PaymentApi) -> PublicZone | PrivateZone:
        if settings.domain_is_owned:
            return PublicZone(self, settings=settings, api_id=api.id, stage_id=api.stage.id)
        return PrivateZone(self, settings=settings, vpc_id=network.vpc_id, api_host=api.host)
