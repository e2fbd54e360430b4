"""AWS clients, made so that a call ends well before the function's 30 seconds do.

A call takes at most 3 tries of 1 s to connect and 2.5 s to read, and 3 s of back-off: 13.5 s. A payment needs two.
"""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_ssm.client import SSMClient

CALL_LIMITS = Config(
    connect_timeout=1, read_timeout=2.5, retries={"mode": "standard", "total_max_attempts": 3}, tcp_keepalive=True
)


def dynamodb(region: str) -> "DynamoDBClient":
    """A client for the sessions table."""
    return boto3.client("dynamodb", region_name=region, config=CALL_LIMITS)


def ssm(region: str) -> "SSMClient":
    """A client for the configuration."""
    return boto3.client("ssm", region_name=region, config=CALL_LIMITS)
