"""AWS clients of the recovery, each for a Region that is named.

A Region that is lost is to be known as lost soon: at most 3 tries of 2 s to connect and 5 s to read.
"""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CALLS = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
# What AWS answers when it is the one that fails.
OWN_FAULTS = range(500, 600)


def client(service: str, region: str) -> Any:
    make: Any = boto3.client
    return make(service, region_name=region, config=CALLS)


def is_unreachable(error: Exception) -> bool:
    """Whether a call got no answer, or one that says that AWS itself fails there; not that it refuses the call."""
    if isinstance(error, ClientError):
        return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in OWN_FAULTS
    return isinstance(error, BotoCoreError)
