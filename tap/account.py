"""An AWS account and Region as the operators' tools reach it, or the local AWS that stands for one."""

from __future__ import annotations

import copy
import threading
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from boto3 import Session
from botocore.config import Config

from lib.availability import partition_of
from local_aws.server import LocalAws, LocalAwsError
from tap.toolchain import ROOT

LOCAL_AWS_DIRECTORY = ROOT / ".build" / "local_aws"
# A command waits for a call for a minute and a half at most: 3 tries of 4 s to connect, 25 s to read, and back-off.
# Reading has to outlast SQS's long polling.
CALL_LIMITS = Config(
    connect_timeout=4,
    read_timeout=25,
    retries={"mode": "standard", "total_max_attempts": 3},
    user_agent_extra="tap",
    max_pool_connections=20,
)


class Account:
    """Clients of one account, `region` unless a call says another, all with the credentials of `session`.

    `calls` counts the calls that were made, by `service.Operation`. Safe to use from several threads.
    """

    def __init__(self, session: Session, *, endpoint_url: str | None = None) -> None:
        self.session = session
        self.region = str(session.region_name)
        self.endpoint_url = endpoint_url
        self.calls: Counter[str] = Counter()
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.RLock()

    @classmethod
    def reach(cls, region: str, *, endpoint_url: str | None = None, local: bool = False) -> Account:
        """The account of the process's credentials; `local`: the local AWS of `make local`.

        Raises `LocalAwsError` if none runs.
        """
        if not local:
            return cls(Session(region_name=region), endpoint_url=endpoint_url)
        running = LocalAws.running(LOCAL_AWS_DIRECTORY)
        if running is None:
            raise LocalAwsError("--local: no local AWS runs for this folder; start it with `make local`")
        return cls.of_local_aws(running, region)

    @classmethod
    def of_local_aws(cls, running: LocalAws, region: str) -> Account:
        """The one account of a local AWS."""
        return cls.of_variables({**running.environment(), "AWS_REGION": region})

    @classmethod
    def of_variables(cls, variables: Mapping[str, str]) -> Account:
        """The account that AWS's environment variables in `variables` name; `AWS_REGION` is needed."""
        session = Session(
            aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=variables.get("AWS_SESSION_TOKEN"),
            region_name=variables["AWS_REGION"],
        )
        return cls(session, endpoint_url=variables.get("AWS_ENDPOINT_URL") or None)

    def in_region(self, region: str | None) -> Account:
        """The same account as seen from another of its Regions: clients and their count are shared."""
        if region in (None, "", self.region):
            return self
        other = copy.copy(self)
        other.region = str(region)
        return other

    def client(self, service: str, region: str | None = None) -> Any:
        """A boto3 client, made once for each service and Region."""
        key = (service, region or self.region)
        with self._lock:
            if key not in self._clients:
                client: Any = self.session.client(  # type: ignore[call-overload]
                    service, region_name=key[1], endpoint_url=self.endpoint_url, config=CALL_LIMITS
                )
                client.meta.events.register("before-call", self._count)
                self._clients[key] = client
            return self._clients[key]

    @cached_property
    def id(self) -> str:
        """The account's 12 digits. Raises botocore's errors where the credentials cannot be used."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def global_region(self) -> str:
        """The Region whose tagging API answers for the partition's global services (IAM, Route 53)."""
        partition = partition_of(self.region)
        assert partition is not None  # Regions are validated when they are read.
        return {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"}[partition.id]

    @property
    def place(self) -> str:
        """Where this is, for messages."""
        return f"Region {self.region}" + (f" at {self.endpoint_url}" if self.endpoint_url else "")

    def _count(self, model: Any, **_: object) -> None:
        with self._lock:
            self.calls[f"{model.service_model.service_name}.{model.name}"] += 1
