"""RDS Proxy in front of the ledger: it keeps connections through failovers and shares them among functions."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import Fn, ITerraformDependable, TerraformLocal, Token
from cdktf_cdktf_provider_aws.db_proxy import DbProxy, DbProxyAuth
from cdktf_cdktf_provider_aws.db_proxy_default_target_group import (
    DbProxyDefaultTargetGroup,
    DbProxyDefaultTargetGroupConnectionPoolConfig,
)
from cdktf_cdktf_provider_aws.db_proxy_target import DbProxyTarget

from lib.encryption import Key
from lib.iam import Statement, attach_policy, service_role
from lib.log_group import owned_log_group
from lib.region import Region
from lib.security_group import WorkloadSecurityGroup

# How long a client waits for a free connection: less than the function waits for the database.
BORROW_TIMEOUT_SECONDS = 3
# The rest of the database's connections is for migrations and operators.
MAX_CONNECTIONS_PERCENT = 90
IDLE_CLIENT_TIMEOUT_SECONDS = 1800
# The part of `arn:aws:rds:{region}:{account}:db-proxy:prx-...` that IAM knows a proxy by.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-connecting.html
RESOURCE_ID_PART = 6


class DatabaseProxy:
    """Clients log in with IAM over TLS; the proxy logs in to the database with the secret of the ledger's user."""

    def __init__(
        self,
        region: Region,
        *,
        vpc_id: str,
        subnet_ids: Sequence[str],
        cluster_id: str,
        instances: Sequence[ITerraformDependable],
        secret_arn: str,
        secret_access: Sequence[Statement],
        log_key: Key,
    ) -> None:
        self.security_group = WorkloadSecurityGroup(
            region, "database_proxy", vpc_id=vpc_id, description="Payment ledger proxy"
        )
        name = region.settings.name("proxy")
        log_group = owned_log_group(
            region, "database_proxy_log_group", name=f"/aws/rds/proxy/{name}", key_arn=log_key.arn
        )
        role = service_role(region, "database_proxy_role", name=name, service="rds.amazonaws.com")
        reading = attach_policy(
            region,
            "database_proxy_secret",
            role=role,
            name=region.settings.name("proxy-secret"),
            statements=secret_access,
        )
        self.proxy = region.add(
            DbProxy,
            "database_proxy",
            name=name,
            engine_family="MYSQL",
            role_arn=role.arn,
            vpc_subnet_ids=list(subnet_ids),
            vpc_security_group_ids=[self.security_group.id],
            require_tls=True,
            debug_logging=False,  # It would log statements.
            idle_client_timeout=IDLE_CLIENT_TIMEOUT_SECONDS,
            auth=[DbProxyAuth(auth_scheme="SECRETS", iam_auth="REQUIRED", secret_arn=secret_arn)],
            depends_on=[log_group, reading],
        )
        group = region.add(
            DbProxyDefaultTargetGroup,
            "database_proxy_targets",
            db_proxy_name=self.proxy.name,
            connection_pool_config=DbProxyDefaultTargetGroupConnectionPoolConfig(
                connection_borrow_timeout=BORROW_TIMEOUT_SECONDS, max_connections_percent=MAX_CONNECTIONS_PERCENT
            ),
        )
        self._target = region.add(
            DbProxyTarget,
            "database_proxy_target",
            db_proxy_name=self.proxy.name,
            target_group_name=group.name,
            db_cluster_identifier=cluster_id,
            depends_on=list(instances),
        )
        self.endpoint = self.proxy.endpoint
        # A local value, so that policies stay JSON with plain references.
        resource_id = Fn.element(Fn.split(":", self.proxy.arn), RESOURCE_ID_PART)
        self.resource_id = Token.as_string(
            TerraformLocal(region.stack, "database_proxy_resource_id", resource_id).expression
        )

    @property
    def ready(self) -> list[ITerraformDependable]:
        """What must be there before the endpoint answers."""
        return [self._target]
