"""Builds of CodeBuild projects: a zipped context from S3 becomes an image in ECR.

The build's commands are not run, as there is no container engine here. A project says by its environment variables
IMAGE_REPOSITORY and IMAGE_TAG what they would push.
"""

import logging
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

from local_aws.containers import build_steps
from local_aws.containers.errors import BuildError
from local_aws.containers.images import ImageStore

SECONDS_PER_PHASE = 0.1
"""Each phase takes as long at least, so that a build in progress can be seen."""

SHOWN = ("artifacts", "cache", "encryptionKey", "environment", "source")

log = logging.getLogger(__name__)


class StoppedError(Exception):
    """The build was stopped."""


class Build:
    """One build, which runs on a thread of its own. `given` are the parameters of StartBuild."""

    def __init__(
        self, project: Mapping[str, Any], given: Mapping[str, Any], account: str, region: str, images: ImageStore
    ) -> None:
        self.project_name = str(project["name"])
        self.id = f"{self.project_name}:{uuid.uuid4()}"
        self.arn = f"arn:aws:codebuild:{region}:{account}:build/{self.id}"
        self.status = "IN_PROGRESS"
        self._project = dict(project)
        self._version = given.get("sourceVersion") or project.get("sourceVersion")
        self._account, self._region, self._images = account, region, images
        self._role = str(given.get("serviceRoleOverride") or project["serviceRole"])
        variables = [*(project["environment"].get("environmentVariables") or [])]
        variables += given.get("environmentVariablesOverride") or []
        self._variables = {variable["name"]: variable["value"] for variable in variables}
        self._phases: list[dict[str, Any]] = [{"phaseType": "SUBMITTED", "startTime": time.time()}]
        self._started = time.time()
        self._ended: float | None = None
        self._stopped = threading.Event()
        logs = (project.get("logsConfig") or {}).get("cloudWatchLogs") or {}
        self._logged = logs.get("status", "ENABLED") == "ENABLED"
        self._log_group = logs.get("groupName") or f"/aws/codebuild/{self.project_name}"
        self._log_stream = "/".join(filter(None, [logs.get("streamName"), self.id.partition(":")[2]]))

    def begin(self) -> None:
        """Starts it, in the background."""
        threading.Thread(target=self._live, daemon=True, name=f"builds {self.id}").start()

    def stop(self) -> None:
        """Lets it end before its next phase."""
        self._stopped.set()

    def shown(self) -> dict[str, Any]:
        """As BatchGetBuilds shows it."""
        project = self._project
        shown = {
            "id": self.id,
            "arn": self.arn,
            "projectName": self.project_name,
            "serviceRole": self._role,
            "sourceVersion": self._version,
            "startTime": self._started,
            "endTime": self._ended,
            "currentPhase": self._phases[-1]["phaseType"],
            "buildStatus": self.status,
            "buildComplete": self._ended is not None,
            "phases": [dict(phase) for phase in self._phases],
            "timeoutInMinutes": project["timeoutInMinutes"],
            "queuedTimeoutInMinutes": project["queuedTimeoutInMinutes"],
            "logs": {"groupName": self._log_group, "streamName": self._log_stream},
            **{name: project.get(name) for name in SHOWN},
        }
        return {name: value for name, value in shown.items() if value is not None}

    def _live(self) -> None:
        try:
            self._run()
            status, reason = "SUCCEEDED", ""
        except StoppedError:
            status, reason = "STOPPED", ""
        except BuildError as error:
            status, reason = "FAILED", str(error)
        except Exception as error:
            log.exception("Build %s failed", self.id)
            status, reason = "FAULT", f"The local AWS failed: {error}"
        self._end_phase(status, reason)
        self._phases.append({"phaseType": "COMPLETED", "startTime": time.time()})
        self.status, self._ended = status, time.time()

    def _run(self) -> None:
        self._enter("QUEUED")
        self._enter("PROVISIONING")
        build_steps.require_trust(self._role, self.arn)
        self._say(f"Build {self.id} of {self.project_name}")
        self._enter("DOWNLOAD_SOURCE")
        context = build_steps.download(self._project["source"], self._version, self._role, self._account)
        self._enter("PRE_BUILD")
        build_steps.log_in(self._project, self._role)
        self._enter("BUILD")
        manifest = self._images.build(context)
        self._enter("POST_BUILD")
        uri, tag = self._variables.get("IMAGE_REPOSITORY", ""), self._variables.get("IMAGE_TAG", "latest")
        self._say(build_steps.push(manifest, uri, tag, self._role))
        self._enter("FINALIZING")

    def _enter(self, phase: str) -> None:
        """Begins a phase."""
        self._end_phase("SUCCEEDED")
        self._phases.append({"phaseType": phase, "startTime": time.time()})
        if self._stopped.wait(SECONDS_PER_PHASE):
            raise StoppedError

    def _end_phase(self, status: str, reason: str = "") -> None:
        phase = self._phases[-1]
        phase |= {"endTime": time.time(), "durationInSeconds": round(time.time() - phase["startTime"])}
        phase["phaseStatus"] = status
        if reason:
            phase["contexts"] = [{"statusCode": "CLIENT_ERROR", "message": reason}]
            self._say(reason)

    def _say(self, line: str) -> None:
        """Writes to the build's log. One that cannot be written to does not end the build."""
        if not self._logged:
            return
        where = (self._role, self._account, self._region, self._log_group, self._log_stream)
        try:
            build_steps.write_log(*where, [line])
        except BuildError as error:
            log.warning("A line of the log of %s is lost: %s", self.id, error)


class Builds:
    """The builds of a Region by id: a history, which is not what a user made."""

    def __init__(self) -> None:
        self.by_id: dict[str, Build] = {}


def builds_of(backend: Any) -> dict[str, Build]:
    """The builds that moto's backend holds, so that they are reset with it."""
    held: Builds = vars(backend).setdefault("builds", Builds())
    return held.by_id
