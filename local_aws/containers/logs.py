"""The log driver `awslogs`: what a container writes goes to CloudWatch Logs.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
"""

import threading
import time
from collections.abc import Mapping
from pathlib import Path

from moto.logs.models import LogsBackend, logs_backends

from local_aws.containers.errors import TaskStartError
from local_aws.functions.execution_role import role_allows
from local_aws.turn import TURN

CODE = "ResourceInitializationError"
FAILED = "failed to validate logger args: failed to create Cloudwatch log stream"


class LogStream:
    """The stream of one container, fed from a file. Raises TaskStartError where the stream cannot be made."""

    def __init__(
        self, options: Mapping[str, str], stream: str, execution_role: str, account: str, output: Path
    ) -> None:
        self.name = f"{options.get('awslogs-stream-prefix', 'ecs')}/{stream}"
        self._group = options.get("awslogs-group", "")
        self._output = output
        self._read = 0
        self._turn = threading.Lock()
        self._backend: LogsBackend | None = None
        if not self._group:
            return
        region = options["awslogs-region"]
        backend = logs_backends[account][region]
        arn = f"arn:aws:logs:{region}:{account}:log-group:{self._group}:log-stream:{self.name}"
        needed = ["logs:CreateLogStream", "logs:PutLogEvents"]
        if options.get("awslogs-create-group") == "true":
            needed.insert(0, "logs:CreateLogGroup")
        for action in needed:
            if not role_allows(execution_role, action, arn):
                text = f"{execution_role} is not authorized to perform: {action} on resource: {arn}"
                raise TaskStartError(CODE, f"{FAILED}: AccessDeniedException: {text}")
        if "logs:CreateLogGroup" in needed:
            backend.ensure_log_group(self._group)
        if self._group not in backend.groups:
            raise TaskStartError(CODE, f"{FAILED}: ResourceNotFoundException: The specified log group does not exist.")
        backend.ensure_log_stream(self._group, self.name)
        self._backend = backend

    def ship(self, *, last: bool = False) -> None:
        """Sends the lines that are complete; with `last` also the rest. Lines for a deleted group are lost."""
        if self._backend is None or not self._output.exists():
            return
        with self._turn, self._output.open("rb") as file:
            file.seek(self._read)
            written = file.read()
            if not last:
                written = written[: written.rfind(b"\n") + 1]
            self._read += len(written)
        now = int(time.time() * 1000)
        events = [
            {"timestamp": now, "message": line}
            for line in written.decode(errors="replace").splitlines()
            if line.strip()
        ]
        if events:
            with TURN:
                if self._group in self._backend.groups:
                    self._backend.ensure_log_stream(self._group, self.name)
                    self._backend.put_log_events(self._group, self.name, events)
