"""What a function's process finds in its environment: what was deployed with it, and what Lambda itself sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Deployment:
    """A function version as deployed. `arn` has no qualifier; `memory_size` is in MB, `timeout` in seconds."""

    arn: str
    name: str
    version: str
    region: str
    code_sha256: str
    handler: str
    runtime: str
    memory_size: int
    timeout: int
    variables: Mapping[str, str]
    log_group: str
    log_format: str
    log_level: str


def process_environment(
    deployment: Deployment,
    *,
    task_root: Path,
    temporary: Path,
    runtime_client: Path,
    runtime_api: str,
    log_stream: str,
    aws: Mapping[str, str],
) -> dict[str, str]:
    """The whole environment of a process that runs the function.

    Lambda's own variables win over deployed ones, as the names are reserved
    (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). `aws` points AWS clients here.
    TMPDIR stands in for the private /tmp that each function has in AWS.
    """
    own = {
        "_HANDLER": deployment.handler,
        "AWS_REGION": deployment.region,
        "AWS_DEFAULT_REGION": deployment.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{deployment.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": deployment.name,
        "AWS_LAMBDA_FUNCTION_VERSION": deployment.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(deployment.memory_size),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": deployment.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_LOG_FORMAT": deployment.log_format,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "LAMBDA_TASK_ROOT": str(task_root),
        "LAMBDA_RUNTIME_DIR": str(runtime_client),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(runtime_client),
        "TMPDIR": str(temporary),
        "TZ": ":UTC",
        **aws,
    }
    if deployment.log_format == "JSON":
        own["AWS_LAMBDA_LOG_LEVEL"] = deployment.log_level
    return {**deployment.variables, **own}
