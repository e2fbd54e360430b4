"""What takes payments in one Region: function, API, events, approvals, and the configuration that they read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cdktf import ITerraformDependable

from lib.api.payment_api import HEALTH, HEALTH_PATH, PaymentApi
from lib.compute.environment import workload_environment
from lib.compute.function import FunctionCode
from lib.compute.payment_function import TIMEOUT_SECONDS, PaymentFunction
from lib.database.aurora import AuroraCluster
from lib.database.proxy import DatabaseProxy
from lib.database.sessions import Sessions
from lib.database.user import LedgerUser
from lib.events.bus import PaymentEventBus
from lib.events.relay import OutboxRelay
from lib.events.replay import VISIBILITY_IN_FUNCTION_TIMEOUTS, ReplayQueue
from lib.foundation import Foundation
from lib.monitoring.payment_metrics import SERVICE, Measured
from lib.outputs import HasOutputs, Outputs
from lib.parameters.configuration import Configuration
from lib.parameters.role import RoleParameter
from lib.parameters.writes import WritesSwitch
from lib.payment_configuration import payment_configuration, role_environment
from lib.region import Region
from lib.workflow.approval import ApprovalWorkflow, approval_arn, start_access


class PaymentSystem:
    """Composes the parts around the payment function, which goes live once all of `live_after` is there."""

    def __init__(
        self,
        region: Region,
        *,
        foundation: Foundation,
        code: FunctionCode,
        ledger: AuroraCluster,
        master_secret_arn: str,
        user: LedgerUser,
        sessions: Sessions,
        live_after: Sequence[ITerraformDependable],
        proxy: DatabaseProxy | None = None,
        role: RoleParameter | None = None,
        same_as: Configuration | None = None,
        open_routes: Collection[str] = (),
    ) -> None:
        """`role` says which of two Regions this is; in the second one, `same_as` is the first one's configuration."""
        self._region = region
        self._ledger = ledger
        self._sessions = sessions
        self.role = role
        self.writes = WritesSwitch(region)
        key = foundation.key
        entrance = proxy or ledger
        self.bus = PaymentEventBus(region, key=key)
        self.replay = ReplayQueue(region, key=key, visibility_seconds=VISIBILITY_IN_FUNCTION_TIMEOUTS * TIMEOUT_SECONDS)
        self.configuration = payment_configuration(
            region,
            key=key,
            entrance=entrance,
            ledger=ledger,
            master_secret_arn=master_secret_arn,
            sessions=sessions,
            bus_name=self.bus.bus.name,
            same_as=same_as,
        )
        self.function = PaymentFunction(
            region,
            code=code,
            vpc_id=foundation.network.vpc_id,
            subnet_ids=foundation.network.private_subnet_ids,
            key=key,
            environment={
                **workload_environment(region, SERVICE),
                **user.environment(),
                "DB_ENDPOINT": entrance.endpoint,
                "DYNAMODB_TABLE": sessions.name,
                "EVENT_BUS_NAME": self.bus.bus.name,
                "CONFIGURATION_PATH": self.configuration.path,
                **self.writes.environment(),
                **({"APPROVAL_STATE_MACHINE_ARN": approval_arn(region)} if _approves(region) else {}),
                **role_environment(role, ledger),
            },
            live_after=[*live_after, *entrance.ready],
        )
        self.function.security_group.may_reach(entrance.security_group, port=ledger.port)
        foundation.aws_services.allow(self.function.security_group, storage=True)
        self.function.grant("ledger", user.login_access(entrance.resource_id))
        self.function.grant("configuration", [*self.configuration.read_access(), *self.writes.read_access()])
        self.function.grant("sessions", sessions.write_access())
        self.function.grant("events", self.bus.publish_access())
        if role:
            self.function.grant("region-role", role.read_access())
        self.api = self._connect(foundation, open_routes)
        # None where callers must sign even to ask for it.
        self.health_url = f"https://{self.api.host}{HEALTH_PATH}" if HEALTH in open_routes else None
        self.relay = OutboxRelay(region, key=key, alias_arn=self.function.alias.arn)
        self.workflow = self._workflow(foundation) if _approves(region) else None

    def outputs(self) -> Outputs:
        parts: list[HasOutputs | None] = [
            self.role,
            self.writes,
            self.function,
            self.bus,
            self.replay,
            self.relay,
            self.workflow,
            self.api,
        ]
        outputs = {name: value for part in parts if part for name, value in part.outputs().items()}
        return {**outputs, "configuration_path": self.configuration.path}

    def measured(self, vault_name: str, dead_letter_queues: Mapping[str, str] | None = None) -> Measured:
        """Return what is to be measured of this, of the backups in a vault, and of more queues, by what they serve."""
        return Measured(
            settings=self._region.settings,
            function_name=self.function.name,
            cluster_id=self._ledger.cluster.cluster_identifier,
            table_name=self._sessions.name,
            api_id=self.api.id,
            bus_rule=self.bus.rule.name,
            vault_name=vault_name,
            dead_letter_queues={
                "events": self.bus.dead_letters.queue.name,
                "function": self.function.dead_letters.queue.name,
                "replay": self.replay.dead_letters.queue.name,
                **(dead_letter_queues or {}),
            },
            approval_arn=self.workflow.arn if self.workflow else None,
        )

    def _connect(self, foundation: Foundation, open_routes: Collection[str]) -> PaymentApi:
        """Lead requests, events and replayed messages to the function's alias."""
        function = self.function
        api = PaymentApi(
            self._region,
            alias_invoke_arn=function.alias.invoke_arn,
            log_key_arn=foundation.key.arn,
            open_routes=open_routes,
        )
        self.configuration.add("api/endpoint", api.api.api_endpoint)
        function.allow_calls("api", service="apigateway.amazonaws.com", source_arn=api.source_arn)
        function.allow_calls("events", service="events.amazonaws.com", source_arn=self.bus.rule.arn)
        self.bus.deliver_to(function.alias.arn)
        receiving = function.grant("replay", self.replay.messages.receive_access())
        self.replay.deliver_to(function.alias.arn, after=receiving)
        return api

    def _workflow(self, foundation: Foundation) -> ApprovalWorkflow:
        self.function.grant("approvals", start_access(self._region, foundation.key))
        return ApprovalWorkflow(
            self._region,
            key=foundation.key,
            function_arn=self.function.alias.arn,
            topic_arn=foundation.alerts.arn,
            topic_access=foundation.alerts.publish_access(),
        )


def _approves(region: Region) -> bool:
    return region.settings.approval_threshold is not None
