"""Access logs of HTTP APIs
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html)."""

import hashlib
import logging
import re
import time
from collections.abc import Mapping

from moto.logs.models import LogsBackend, logs_backends

VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)")

log = logging.getLogger(__name__)


def access_line(template: str, context: Mapping[str, str]) -> str:
    """A line by the stage's format; a variable without a value is a hyphen."""
    return VARIABLE.sub(lambda found: context.get(found[1], "-"), template)


def write_access_line(destination_arn: str, stage: str, line: str) -> None:
    """Writes a line to a log group. A missing group is not created: the line is lost, as in AWS, and that is logged."""
    _, _, _, region, account, resource = destination_arn.split(":", 5)
    group = resource.removeprefix("log-group:").removesuffix(":*")
    backend: LogsBackend = logs_backends[account][region]
    if group not in backend.groups:
        log.warning("An access log line of stage %s is lost: there is no log group %s.", stage, group)
        return
    stream = hashlib.md5(f"{destination_arn}/{stage}".encode(), usedforsecurity=False).hexdigest()
    backend.ensure_log_stream(group, stream)
    backend.put_log_events(group, stream, [{"timestamp": int(time.time() * 1000), "message": line}])
