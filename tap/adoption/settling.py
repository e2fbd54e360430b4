"""Waits for what AWS is still making or removing, and says how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from tap.account import Account

POLL_SECONDS = 5.0
TIMEOUT = 2700
"""Seconds. Aurora takes 5 to 15 minutes for a cluster or an instance, and up to 30 for some changes."""


class Condition(StrEnum):
    """How a resource is once AWS has done what it was at."""

    READY = "ready"
    GONE = "gone"
    BROKEN = "broken"


class UnsettledError(RuntimeError):
    """AWS is still at work on a resource."""


@dataclass(frozen=True)
class _Progress:
    """How to ask for the status of resources of one type, and which of them are the end of something."""

    service: str
    operation: str
    parameters: Callable[[str], dict[str, Any]]
    status: Callable[[Any], str]
    ready: frozenset[str]
    broken: frozenset[str] = field(default_factory=frozenset)
    gone: frozenset[str] = field(default_factory=frozenset)


_RDS_BROKEN = frozenset(
    {
        "failed",
        "inaccessible-encryption-credentials",
        "incompatible-network",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-resource-limits",
        "stopped",
    }
)

# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html (clusters, instances)
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
# https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
# https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
_PROGRESS: Mapping[str, _Progress] = {
    "aws_rds_global_cluster": _Progress(
        "rds",
        "describe_global_clusters",
        lambda id_: {"GlobalClusterIdentifier": id_},
        lambda answer: answer["GlobalClusters"][0]["Status"],
        frozenset({"available"}),
        _RDS_BROKEN,
    ),
    "aws_rds_cluster": _Progress(
        "rds",
        "describe_db_clusters",
        lambda id_: {"DBClusterIdentifier": id_},
        lambda answer: answer["DBClusters"][0]["Status"],
        frozenset({"available"}),
        _RDS_BROKEN,
    ),
    "aws_rds_cluster_instance": _Progress(
        "rds",
        "describe_db_instances",
        lambda id_: {"DBInstanceIdentifier": id_},
        lambda answer: answer["DBInstances"][0]["DBInstanceStatus"],
        frozenset({"available"}),
        _RDS_BROKEN,
    ),
    "aws_db_proxy": _Progress(
        "rds",
        "describe_db_proxies",
        lambda id_: {"DBProxyName": id_},
        lambda answer: answer["DBProxies"][0]["Status"],
        frozenset({"available"}),
        _RDS_BROKEN,
    ),
    "aws_nat_gateway": _Progress(
        "ec2",
        "describe_nat_gateways",
        lambda id_: {"NatGatewayIds": [id_]},
        lambda answer: answer["NatGateways"][0]["State"],
        frozenset({"available"}),
        frozenset({"failed"}),
        frozenset({"deleted"}),
    ),
    "aws_vpc_endpoint": _Progress(
        "ec2",
        "describe_vpc_endpoints",
        lambda id_: {"VpcEndpointIds": [id_]},
        lambda answer: answer["VpcEndpoints"][0]["State"].lower(),
        frozenset({"available", "pendingacceptance"}),
        frozenset({"failed", "rejected", "expired", "partial"}),
        frozenset({"deleted"}),
    ),
    "aws_dynamodb_table": _Progress(
        "dynamodb",
        "describe_table",
        lambda id_: {"TableName": id_},
        lambda answer: answer["Table"]["TableStatus"],
        frozenset({"ACTIVE"}),
        frozenset({"INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ARCHIVED"}),
    ),
    "aws_lambda_function": _Progress(
        "lambda",
        "get_function_configuration",
        lambda id_: {"FunctionName": id_},
        lambda answer: answer.get("State", "Active"),
        frozenset({"Active", "Inactive"}),
        frozenset({"Failed"}),
    ),
    **dict.fromkeys(
        ("aws_kms_key", "aws_kms_replica_key"),
        _Progress(
            "kms",
            "describe_key",
            lambda id_: {"KeyId": id_},
            lambda answer: answer["KeyMetadata"]["KeyState"],
            frozenset({"Enabled", "Disabled"}),
            gone=frozenset({"PendingDeletion", "PendingReplicaDeletion"}),
        ),
    ),
}


def takes_time(type_: str) -> bool:
    """Whether AWS makes and removes resources of this Terraform type in the background."""
    return type_ in _PROGRESS


def settle(
    account: Account, type_: str, id_: str, *, timeout: float = TIMEOUT, poll: float = POLL_SECONDS
) -> Condition:
    """Wait until AWS has made or removed a resource of the account's Region; `id_` is its Terraform id.

    Other types are ready at once.

    Raises `UnsettledError` after `timeout` seconds, and botocore's errors.
    """
    if (progress := _PROGRESS.get(type_)) is None:
        return Condition.READY
    polling = Retrying(
        retry=retry_if_result(lambda status: _condition(progress, status) is None),
        wait=wait_fixed(poll),
        stop=stop_after_delay(timeout),
    )
    try:
        condition = _condition(progress, polling(_status, account, progress, id_))
    except RetryError as error:
        status = error.last_attempt.result()
        raise UnsettledError(
            f"{type_} {id_} is {status!r} since {timeout:.0f} s: look at it, then run this again"
        ) from None
    assert condition is not None
    return condition


def _condition(progress: _Progress, status: str | None) -> Condition | None:
    if status is None or status in progress.gone:
        return Condition.GONE
    if status in progress.ready:
        return Condition.READY
    return Condition.BROKEN if status in progress.broken else None


def _status(account: Account, progress: _Progress, id_: str) -> str | None:
    """What AWS says, None for what does not exist."""
    try:
        return progress.status(
            getattr(account.client(progress.service), progress.operation)(**progress.parameters(id_))
        )
    except ClientError as error:
        if "NotFound" in error.response["Error"]["Code"]:
            return None
        raise
