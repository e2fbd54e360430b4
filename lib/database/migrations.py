"""Schema migrations: a function of their own that a deploy runs once the database is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.lambda_invocation import LambdaInvocation

from lib.compute.function import Function, FunctionCode
from lib.encryption import Key
from lib.region import Region

HANDLER = "payment_migrations.handler"
TIMEOUT_SECONDS = 120
MEMORY_MB = 512


class Migrations(Function):
    """Makes the ledger's tables and the application's user. It logs in as the master user, as nothing else does."""

    def __init__(
        self,
        region: Region,
        *,
        code: FunctionCode,
        vpc_id: str,
        subnet_ids: Sequence[str],
        key: Key,
        environment: Mapping[str, str],
    ) -> None:
        self._sha256_base64 = code.sha256_base64
        super().__init__(
            region,
            "migrations",
            code=code,
            name="migrations",
            description="Makes the schema and the user of the payment ledger at deploy",
            handler=HANDLER,
            timeout_seconds=TIMEOUT_SECONDS,
            memory_mb=MEMORY_MB,
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            key=key,
            environment=environment,
        )

    def run(self, *, when_changed: Mapping[str, str], after: Sequence[ITerraformDependable]) -> LambdaInvocation:
        """Bring the schema up to date at the first deploy, and again with a new package or one of `when_changed`."""
        return self.call_at_deploy({}, when_changed={"package": self._sha256_base64, **when_changed}, after=after)

    def outputs(self) -> dict[str, str]:
        return {"migrations_function_name": self.function.function_name}
