"""The ledger's schema, brought up to date by a function that a deploy calls once the database is there."""

from __future__ import annotations

from collections.abc import Sequence

from lib.compute.environment import workload_environment
from lib.compute.function import FunctionCode
from lib.database.aurora import AuroraCluster
from lib.database.migrations import Migrations
from lib.database.user import LedgerUser
from lib.foundation import Foundation
from lib.iam import Statement
from lib.region import Region


class Schema:
    """Composes the migrations with what they need; `ready` is there once the schema and the function's user are.

    `version` changes with the password of that user.
    """

    def __init__(
        self,
        region: Region,
        *,
        foundation: Foundation,
        code: FunctionCode,
        ledger: AuroraCluster,
        master_secret_arn: str,
        master_access: Sequence[Statement],
        user: LedgerUser,
        version: str,
    ) -> None:
        self._migrations = Migrations(
            region,
            code=code,
            vpc_id=foundation.network.vpc_id,
            subnet_ids=foundation.network.private_subnet_ids,
            key=foundation.key,
            environment={
                **workload_environment(region, "payment-migrations"),
                **user.migrations_environment(),
                "DB_ENDPOINT": ledger.endpoint,
                "DB_MASTER_SECRET_ARN": master_secret_arn,
            },
        )
        foundation.aws_services.allow(self._migrations.security_group)
        self._migrations.security_group.may_reach(ledger.security_group, port=ledger.port)
        self._migrations.grant("secrets", [*master_access, *user.read_access()])
        self.ready = self._migrations.run(
            when_changed={"database": ledger.resource_id, "user": version},
            after=[*ledger.ready, *foundation.aws_services.ready],
        )

    def outputs(self) -> dict[str, str]:
        return self._migrations.outputs()
