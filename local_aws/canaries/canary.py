"""A canary as it was asked for, and what its runs have been."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

KEPT_RUNS = 100
READY, RUNNING, STOPPED = "READY", "RUNNING", "STOPPED"
DEFAULT_RETENTION_DAYS = 31
DEFAULT_TIMEOUT_SECONDS = 840
DEFAULT_MEMORY_MB = 1000
LONGEST_NAME_PART = 21
"""How much of a canary's name is in that of its function, which has 64 characters at most."""


@dataclass(eq=False)
class DeployedCanary:
    """One canary. `settings` are the parameters of the call that made it, with those of later updates.

    `due` is when it runs next, in the time of schedules; None while it does not run.
    """

    account: str
    region: str
    name: str
    settings: dict[str, Any]
    tags: dict[str, str]
    package: bytes = b""
    id: str = field(default_factory=lambda: str(uuid4()))
    state: str = READY
    reason_code: str = "CREATE_COMPLETE"
    timeline: dict[str, datetime] = field(default_factory=dict)
    runs: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_RUNS))
    due: datetime | None = None
    busy: bool = False

    def __post_init__(self) -> None:
        self.happened("Created", "LastModified")

    def happened(self, *events: str) -> None:
        """Notes that something has happened now."""
        self.timeline.update(dict.fromkeys(events, datetime.now(UTC)))

    @property
    def arn(self) -> str:
        return f"arn:aws:synthetics:{self.region}:{self.account}:canary:{self.name}"

    @property
    def function_name(self) -> str:
        """The name of the function that runs it."""
        return f"cwsyn-{self.name[:LONGEST_NAME_PART]}-{self.id}"

    @property
    def role(self) -> str:
        return str(self.settings["ExecutionRoleArn"])

    @property
    def expression(self) -> str:
        return str(self.settings["Schedule"]["Expression"])

    @property
    def run_config(self) -> Mapping[str, Any]:
        return {
            "TimeoutInSeconds": DEFAULT_TIMEOUT_SECONDS,
            "MemoryInMB": DEFAULT_MEMORY_MB,
            "ActiveTracing": False,
            **(self.settings.get("RunConfig") or {}),
        }

    def description(self) -> dict[str, Any]:
        """As GetCanary shows it. Environment variables are not shown."""
        given, function = self.settings, f"arn:aws:lambda:{self.region}:{self.account}:function:{self.function_name}"
        shown = {
            "Id": self.id,
            "Name": self.name,
            "Code": {
                "Handler": given["Code"]["Handler"],
                "SourceLocationArn": f"arn:aws:lambda:{self.region}:{self.account}:layer:{self.function_name}:1",
            },
            "ExecutionRoleArn": self.role,
            "Schedule": {"DurationInSeconds": 0, **given["Schedule"]},
            "RunConfig": {name: value for name, value in self.run_config.items() if name != "EnvironmentVariables"},
            "SuccessRetentionPeriodInDays": given.get("SuccessRetentionPeriodInDays", DEFAULT_RETENTION_DAYS),
            "FailureRetentionPeriodInDays": given.get("FailureRetentionPeriodInDays", DEFAULT_RETENTION_DAYS),
            "Status": {"State": self.state, "StateReasonCode": self.reason_code},
            "Timeline": self.timeline,
            "ArtifactS3Location": str(given["ArtifactS3Location"]).removeprefix("s3://"),
            "EngineArn": f"{function}:1",
            "RuntimeVersion": given["RuntimeVersion"],
            "ProvisionedResourceCleanup": given.get("ProvisionedResourceCleanup", "AUTOMATIC"),
            "Tags": self.tags,
        }
        optional = ("VpcConfig", "ArtifactConfig")
        return shown | {name: given[name] for name in optional if given.get(name)}
