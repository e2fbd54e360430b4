"""A function's log group in CloudWatch Logs."""

import logging
import threading
import time
from collections.abc import Sequence

from moto.logs.models import LogsBackend, logs_backends

from local_aws.functions.execution_role import role_allows

log = logging.getLogger(__name__)
_turn = threading.RLock()


def write(account: str, region: str, role: str, group: str, stream: str, lines: Sequence[str]) -> None:
    """Writes lines with the execution role's permissions, as Lambda does: what the role may not, is not done.

    A missing group is created where the role allows it
    (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html).
    """
    partition = role.split(":")[1]
    arn = f"arn:{partition}:logs:{region}:{account}:log-group:{group}"
    backend: LogsBackend = logs_backends[account][region]
    needed = ["logs:CreateLogStream", "logs:PutLogEvents"]
    if group not in backend.groups:
        needed.insert(0, "logs:CreateLogGroup")
    refused = [action for action in needed if not role_allows(role, action, f"{arn}:log-stream:{stream}")]
    if refused:
        log.warning("Log lines for %s are lost: %s may not %s.", group, role, ", ".join(refused))
        return
    now = int(time.time() * 1000)
    with _turn:
        backend.ensure_log_group(group)
        backend.ensure_log_stream(group, stream)
        backend.put_log_events(group, stream, [{"timestamp": now, "message": line} for line in lines])
