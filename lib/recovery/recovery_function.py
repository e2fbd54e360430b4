"""The recovery function: examines, moves and checks the ledger, for state machines and operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.compute.function import Function, FunctionCode
from lib.encryption import Key
from lib.iam import Statement
from lib.region import Region

HANDLER = "payment_recovery.handler"
SERVICE = "payment-recovery"
# Lambda's longest: a check reads the whole ledger.
TIMEOUT_SECONDS = 900
MEMORY_MB = 512


class RecoveryFunction(Function):
    """Runs one task for each call, as `{"task": name, ...}` asks; each may be repeated. See lib/lambda/recovery/."""

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
        super().__init__(
            region,
            "recovery",
            code=code,
            name="recovery",
            description="Examines, moves and checks the ledger",
            handler=HANDLER,
            timeout_seconds=TIMEOUT_SECONDS,
            memory_mb=MEMORY_MB,
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            key=key,
            environment=environment,
        )

    @property
    def arn(self) -> str:
        return self.function.arn

    def call_access(self) -> list[Statement]:
        """Return the statement that lets a role call the function."""
        return [Statement(sid="CallRecovery", actions=["lambda:InvokeFunction"], resources=[self.arn])]

    def outputs(self) -> dict[str, str]:
        return {"recovery_function_name": self.function.function_name, "recovery_log_group_name": self.log_group.name}


def cluster_access(cluster_arn: str) -> list[Statement]:
    """Return the statements that let a role see a cluster, and have another of its instances become the writer."""
    return [
        Statement(
            sid="MoveTheWriter", actions=["rds:DescribeDBClusters", "rds:FailoverDBCluster"], resources=[cluster_arn]
        )
    ]
