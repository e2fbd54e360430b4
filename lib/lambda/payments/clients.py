"""AWS clients, made so that a call ends well before the function's 30 seconds do.

Before an answer: at most 3 tries of 1 s to connect and 2.5 s to read, and 3 s of back-off: 13.5 s. After an answer,
when the environment is kept awake for the call: at most 2 tries of 1 s to connect and 2 s to read. For the
switches, which are known from before for a while: at most 2 tries of 1 s to connect and 1 s to read, and 1 s of
back-off.
"""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.session import Session, get_session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_ssm.client import SSMClient
    from mypy_boto3_stepfunctions.client import SFNClient

BEFORE_ANSWER = Config(
    connect_timeout=1, read_timeout=2.5, retries={"mode": "standard", "total_max_attempts": 3}, tcp_keepalive=True
)
AFTER_ANSWER = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}, tcp_keepalive=True
)
SOON = Config(
    connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 2}, tcp_keepalive=True
)


def dynamodb(region: str) -> "DynamoDBClient":
    """A client for the sessions table."""
    return boto3.client("dynamodb", region_name=region, config=AFTER_ANSWER)


def events(region: str) -> "EventBridgeClient":
    """A client for the event bus."""
    return boto3.client("events", region_name=region, config=AFTER_ANSWER)


def secretsmanager(region: str) -> "SecretsManagerClient":
    """A client for the database's credentials."""
    return boto3.client("secretsmanager", region_name=region, config=BEFORE_ANSWER)


def ssm(region: str) -> "SSMClient":
    """A client for the configuration."""
    return boto3.client("ssm", region_name=region, config=BEFORE_ANSWER)


def ssm_for_switches(region: str) -> "SSMClient":
    """A client for the Region's role and the switch of the writers."""
    return boto3.client("ssm", region_name=region, config=SOON)


def stepfunctions(region: str) -> "SFNClient":
    """A client for the approval workflow."""
    return boto3.client("stepfunctions", region_name=region, config=AFTER_ANSWER)


def botocore_session() -> Session:
    """A session that finds the function's credentials."""
    return get_session()
