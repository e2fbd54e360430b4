"""What Fargate, here this computer, sets in a task's environment."""

import os
from pathlib import Path

from local_aws import databases
from local_aws.server import LocalAws

ADDRESS_VARIABLE = "SERVICE_HOST"
"""Names the address on which a task must listen, as all tasks share this computer; in AWS each listens on 0.0.0.0."""


def platform_variables(region: str, address: str) -> dict[str, str]:
    """Environment variables of a task's containers, without the keys of its role: it has none without a role."""
    here = LocalAws(Path(), int(os.environ["MOTO_PORT"]), os.getpid()).environment()
    return {
        **databases.variables(),
        "AWS_ENDPOINT_URL": here["AWS_ENDPOINT_URL"],
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        ADDRESS_VARIABLE: address,
    }
